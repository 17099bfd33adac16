import { showSearchResults, type Screen } from 'cloudops-example-cli';
import type { StorageService } from 'cloudops-storage-service';
import type { SearchReport } from './report.ts';

/** What the demo looks for: by purpose, by condition, by what something does. */
const SEARCHES = [
  'production database for checkout',
  'idle web servers in staging',
  'function that works on payments',
];
const SHOWN = 5;

/** Searches three times and shows what was found. */
export async function searchEstate(
  screen: Screen,
  storage: StorageService,
  signal: AbortSignal,
): Promise<SearchReport[]> {
  const reports: SearchReport[] = [];
  for (const text of SEARCHES) {
    const found = await storage.estate.search({ text, limit: SHOWN, signal });
    screen.line();
    screen.line(screen.color.bold(`“${text}”`));
    showSearchResults(screen, found);
    reports.push({
      text,
      results: found.map(({ score, record }) => ({
        score,
        name: record.name ?? null,
        type: record.resource_type,
        region: record.region,
        allowed: record.permissions?.status === 'evaluated' ? record.permissions.allowed : null,
      })),
    });
  }
  return reports;
}
