import { EXIT } from '../exit-codes.ts';
import { countByTypeAndRegion, showResourceTable } from '../views/resource-table.ts';
import { ScanProgress } from '../views/scan-progress.ts';
import { showScanSummary } from '../views/scan-summary.ts';
import type { Command } from './command.ts';

/** Options of `scan`. */
export interface ScanOptions {
  services?: string[];
  /** False with `--no-embed`. */
  embed: boolean;
}

/** Reads the estate into the store and shows what is in it. */
export const scan: Command<ScanOptions> = async (context, options) => {
  const { session, out, notes, json, signal } = context;
  const scanner = await session.scanner(options.embed);
  const progress = new ScanProgress(notes);
  const seen: { resource_type: string; region: string }[] = [];
  let report;
  try {
    report = await scanner.scan({
      signal,
      ...(options.services === undefined ? {} : { services: options.services }),
      onEvent: (event) => {
        progress.onEvent(event);
        if (event.type === 'resource') seen.push(event.resource);
      },
    });
  } finally {
    progress.close();
  }
  if (session.settings.json) {
    json(report);
  } else {
    showResourceTable(out, countByTypeAndRegion(seen));
    out.line();
    showScanSummary(out, report);
  }
  if (report.status === 'complete') return EXIT.ok;
  notes.line(
    report.status === 'failed'
      ? 'Nothing could be scanned. Run "doctor" to see what is missing.'
      : 'Some of it could not be scanned: what failed is above. What was known of it before is kept.',
  );
  return EXIT.failed;
};
