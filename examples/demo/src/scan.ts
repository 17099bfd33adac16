import {
  countByTypeAndRegion,
  ScanProgress,
  showResourceTable,
  showScanErrors,
  type ResourceCounts,
  type Screen,
} from 'cloudops-example-cli';
import type { EstateScanner, ScanReport } from 'cloudops-estate-scanner';

/** What a scan found. */
export interface ScanResult {
  scan: ScanReport;
  counts: ResourceCounts;
}

/**
 * Scans with live progress and shows the table by type and region.
 *
 * @param regions null: all enabled ones
 */
export async function scanEstate(
  screen: Screen,
  scanner: EstateScanner,
  regions: string[] | null,
  signal: AbortSignal,
): Promise<ScanResult> {
  const seen: { resource_type: string; region: string }[] = [];
  const progress = new ScanProgress(screen);
  const scan = await scanner
    .scan({
      signal,
      ...(regions === null ? {} : { regions }),
      onEvent: (event) => {
        progress.onEvent(event);
        if (event.type === 'resource') seen.push(event.resource);
      },
    })
    .finally(() => progress.close());
  showScanErrors(screen, scan.errors);
  const counts = countByTypeAndRegion(seen);
  screen.line();
  showResourceTable(screen, counts);
  return { scan, counts };
}
