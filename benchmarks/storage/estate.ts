import type { StorageService } from 'cloudops-storage-service';
import { recordOf, resources } from './dataset.ts';
import type { Goal } from '../measure/report.ts';
import { rate, results, watched } from './measure.ts';
import type { RawEstate } from './raw.ts';

const batch = 5000;

/** Adds resources until there are `size`; reports the rate of the last part. */
export async function growEstate(
  storage: StorageService,
  raw: RawEstate,
  { from, size, goal }: { from: number; size: number; goal?: Goal },
): Promise<void> {
  const rates = { ours: 0, raw: 0 };
  const last = size - Math.min(2 * batch, size - from);
  let seconds = { ours: 0, raw: 0 };
  for (let start = from; start < size; start += batch) {
    const count = Math.min(batch, size - start);
    const items = resources(start, count);
    rates.ours = await watched('estate.upsert', () =>
      rate(count, () => storage.estate.upsert(items)),
    );
    rates.raw = await rate(count, () => raw.insert(items));
    if (start < last) continue;
    seconds = { ours: seconds.ours + count / rates.ours, raw: seconds.raw + count / rates.raw };
  }
  const counted = size - last;
  results.add(
    `upsert of new resources with vectors, the last ${counted} of ${size}`,
    { 'per s': Math.round(counted / seconds.ours) },
    goal,
  );
  results.add(`  node:sqlite alone: a row, its vector, its words`, {
    'per s': Math.round(counted / seconds.raw),
  });
}

/** Upserts what is there already, as a second scan does: without vectors, since nothing is embedded again. */
export async function seeAgain(storage: StorageService, size: number): Promise<void> {
  const count = Math.min(4 * batch, size);
  const items = Array.from({ length: count }, (_, at) => ({ record: recordOf(at) }));
  results.add(
    `upsert of unchanged resources, ${size} stored`,
    {
      'per s': await watched('estate.upsert', () =>
        rate(count, () => storage.estate.upsert(items)),
      ),
    },
    { atLeast: { 'per s': 20_000 } },
  );
}

/** How much room a resource takes, beside the numbers of its vector. */
export async function benchRoom(storage: StorageService, size: number): Promise<void> {
  const json = Array.from({ length: 100 }, (_, at) => JSON.stringify(recordOf(at)).length);
  const { bytes } = await storage.stats();
  results.add(
    `file for each of ${size} resources, beside the vector`,
    {
      bytes: Math.round((bytes ?? 0) / size - 384 * 4),
      'JSON bytes': json.reduce((sum, length) => sum + length, 0) / json.length,
    },
    { atMost: { bytes: 4096 } },
  );
}
