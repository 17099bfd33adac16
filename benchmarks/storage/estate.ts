import { join } from 'node:path';
import type { EstateUpsertItem, Filter, StorageService } from 'cloudops-storage-service';
import { resourceOf, searchTexts, vectorNear } from './dataset.ts';
import { percentiles, rate, report } from './measure.ts';
import { bytesOf, openRaw } from './raw.ts';

const batch = 5000;
const queries = 60;

/** Upserts and searches at a size, beside node:sqlite alone. */
export async function benchEstate(
  storage: StorageService,
  folder: string,
  size: number,
): Promise<void> {
  const raw = openRaw(join(folder, `raw-${size}.db`));
  raw.exec('CREATE TABLE resource (key TEXT PRIMARY KEY, type TEXT, body TEXT, v BLOB)');
  raw.exec("CREATE VIRTUAL TABLE words USING fts5 (text, content = '')");
  const insert = raw.prepare('INSERT INTO resource VALUES (?, ?, ?, ?)');
  const index = raw.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)');
  let last = { ours: { 'per s': 0, 'loop ms': 0 }, alone: { 'per s': 0, 'loop ms': 0 } };
  for (let start = 0; start < size; start += batch) {
    const items = Array.from({ length: Math.min(batch, size - start) }, (_, at) =>
      resourceOf(start + at),
    );
    const ours = await rate(items.length, () => storage.estate.upsert(items));
    const alone = await rate(items.length, async () => insertRaw(items));
    last = { ours, alone };
  }
  report({ what: `upsert of new resources, the last ${batch} of ${size}`, ...last.ours });
  report({ what: '  node:sqlite alone: a row, its vector, its words', ...last.alone });

  const items = Array.from({ length: Math.min(batch, size) }, (_, at) => resourceOf(at));
  report({
    what: `upsert of unchanged resources at ${size}`,
    ...(await rate(items.length, () => storage.estate.upsert(items))),
  });
  report({
    what: `file at ${size}, beside the vectors`,
    'bytes each': Math.round(((await storage.stats()).bytes ?? 0) / size - 384 * 4),
  });
  await benchSearch();
  raw.close();

  function insertRaw(batchItems: readonly EstateUpsertItem[]): void {
    raw.exec('BEGIN');
    for (const { record, vector } of batchItems) {
      const v = bytesOf(Float32Array.from(vector ?? []));
      const { lastInsertRowid } = insert.run(
        record.key,
        record.resource_type,
        JSON.stringify(record),
        v,
      );
      index.run(lastInsertRowid, `${record.name} ${record.text}`);
    }
    raw.exec('COMMIT');
  }

  async function benchSearch(): Promise<void> {
    const filter: Filter = { eq: { field: 'resource_type', value: 'rds:db' } };
    const search = (at: number, rest: object) => {
      const text = searchTexts[at % searchTexts.length] ?? '';
      return storage.estate.search({ text, vector: vectorNear(at * 37 + 1_000_003), ...rest });
    };
    for (const [name, rest] of [
      ['hybrid search', {}],
      ['hybrid search, a filter that keeps 10 %', { filter }],
      ['  semantic part', { mode: 'semantic' }],
      ['  keyword part', { mode: 'keyword', vector: null }],
    ] as const) {
      report({
        what: `${name} at ${size}`,
        ...(await percentiles(queries, (at) => search(at, rest))),
      });
    }
    const nearest = raw.prepare(
      'SELECT key FROM resource ORDER BY vec_distance_cosine(v, ?) LIMIT 20',
    );
    const alone = (at: number) => nearest.all(bytesOf(vectorNear(at * 37 + 1_000_003)));
    report({
      what: `  node:sqlite alone: exact cosine at ${size}`,
      ...(await percentiles(20, alone)),
    });
    let hits = 0;
    for (let at = 0; at < 20; at += 1) {
      const vector = vectorNear(at * 37 + 1_000_003);
      const exact = new Set(nearest.all(bytesOf(vector)).map((row) => row['key']));
      const found = await storage.estate.search({ vector, mode: 'semantic' });
      hits += found.filter(({ record }) => exact.has(record.key)).length;
    }
    report({ what: `recall@20 at ${size}`, recall: hits / 400 });
  }
}
