import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from './source-files.ts';

/** Where runs under CI leave their counts, one JSON file a run. */
export const resultsFolder = join(root, '.test-results');

const Counts = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number().default(0),
  numFailedTestSuites: z.number().default(0),
});

/** Sums the counts of all runs; a run that was expected but left no file counts as one failure. */
export function sumResults(expected: readonly string[]): {
  passed: number;
  failed: number;
  skipped: number;
} {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const name of expected) {
    const file = join(resultsFolder, `${name}.json`);
    if (!existsSync(file)) {
      total.failed += 1;
      continue;
    }
    const counts = Counts.parse(JSON.parse(readFileSync(file, 'utf8')));
    total.passed += counts.numPassedTests;
    total.failed += counts.numFailedTests;
    total.skipped += counts.numPendingTests + counts.numTodoTests;
    // A file that fails to load has no tests to count.
    if (counts.numFailedTests === 0 && counts.numFailedTestSuites > 0) total.failed += 1;
  }
  return total;
}
