import type { ScanReport } from 'cloudops-estate-scanner';
import { safe, type Screen } from '../terminal/screen.ts';
import { shortened } from './search-results.ts';

const MAX_ERRORS = 10;
const MAX_MESSAGE = 200;

/** Writes what a scan found, what it cost and what it could not see. */
export function showScanSummary(screen: Screen, report: ScanReport): void {
  const { counts } = report;
  screen.line(
    `${counts.discovered} resources: ${counts.created} new, ${counts.changed} changed, ${counts.unchanged} unchanged. ` +
      `${report.aws_calls} CLI calls, ${report.iam_calls} IAM calls, ${seconds(report.duration_ms)}.`,
  );
  if (report.user_context !== null) screen.line(`Seen as ${report.user_context.caller_arn}.`);
  showScanErrors(screen, report.errors);
}

/** Writes up to ten kinds of errors of a scan, each once with an example, and how many more there are. */
export function showScanErrors(screen: Screen, errors: ScanReport['errors']): void {
  const kinds = new Map<string, { count: number; example: ScanReport['errors'][number] }>();
  for (const error of errors) {
    const kind = `${error.level} ${error.service} ${error.code}`;
    kinds.set(kind, { count: (kinds.get(kind)?.count ?? 0) + 1, example: error });
  }
  for (const { count, example } of [...kinds.values()].slice(0, MAX_ERRORS)) {
    const place = [example.region, example.service].filter((part) => part !== null).join(' ');
    const head = `${example.level}${count > 1 ? ` (${count} times, for example)` : ''}`;
    const text = shortened(safe(example.message), MAX_MESSAGE);
    screen.line(
      screen.color.yellow(`${head} ${place === '' ? '' : `${place} `}${example.code}: ${text}`),
    );
  }
  if (kinds.size > MAX_ERRORS) screen.line(`… and ${kinds.size - MAX_ERRORS} other kinds`);
}

/** Milliseconds for people: `2.5 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
