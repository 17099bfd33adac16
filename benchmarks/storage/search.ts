import type { EstateSearchOptions, Filter, StorageService } from 'cloudops-storage-service';
import { questionVector, searchTexts } from './dataset.ts';
import { percentiles } from '../measure/percentiles.ts';
import type { Goal } from '../measure/report.ts';
import { results, watched } from './measure.ts';
import type { Peer } from './peer.ts';
import type { RawEstate } from './raw.ts';

const queries = 80;

/** A filter that keeps a tenth. */
const tenth: Filter = { eq: { field: 'resource_type', value: 'rds:db' } };

/** Searches at a size, with the embedding made beforehand, beside node:sqlite and a peer. */
export async function benchSearch(
  storage: StorageService,
  raw: RawEstate,
  { size, peer, goals }: { size: number; peer?: Peer; goals: { all: Goal; tenth: Goal } },
): Promise<void> {
  const search = (at: number, options: EstateSearchOptions) =>
    storage.estate.search({ text: textOf(at), vector: questionVector(at), ...options });
  const rows: [string, EstateSearchOptions, Goal?][] = [
    ['hybrid search', {}, goals.all],
    ['hybrid search, a filter that keeps 10 %', { filter: tenth }, goals.tenth],
    ['  semantic part', { mode: 'semantic' }],
    ['  keyword part', { mode: 'keyword' }],
    ['  semantic part, filtered', { mode: 'semantic', filter: tenth }],
    ['  keyword part, filtered', { mode: 'keyword', filter: tenth }],
  ];
  for (const [name, options, goal] of rows) {
    const times = await watched('estate.search', () =>
      percentiles(queries, (at) => search(at, options)),
    );
    results.add(`${name}, ${size} stored`, times, goal);
  }
  results.add(
    `  node:sqlite alone: exact cosine and words, not fused`,
    await percentiles(20, (at) => raw.hybrid(questionVector(at), textOf(at))),
  );
  if (peer !== undefined) {
    results.add(
      `  PGlite with pgvector: the same`,
      await percentiles(20, (at) => peer.hybrid(questionVector(at), textOf(at))),
    );
  }
  await benchRecall(storage, raw, size);
}

/** How many of the 20 nearest are found. */
async function benchRecall(storage: StorageService, raw: RawEstate, size: number): Promise<void> {
  const questions = 50;
  let hits = 0;
  for (let at = 0; at < questions; at += 1) {
    const exact = new Set(raw.nearest(questionVector(at)));
    const found = await storage.estate.search({ vector: questionVector(at), mode: 'semantic' });
    hits += found.filter(({ record }) => exact.has(record.key)).length;
  }
  results.add(`recall@20, ${size} stored`, { recall: hits / (questions * 20) });
}

function textOf(at: number): string {
  return searchTexts[at % searchTexts.length] ?? '';
}
