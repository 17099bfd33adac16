import type { EstateBackend, RankedWords } from './backends/backend.ts';
import { parseVector, type EmbeddingGuard } from './embedding-guard.ts';
import type { Embedder } from './embedder.ts';
import { StorageError, throwIfAborted } from './errors.ts';
import { visibleFilter } from './estate-listing.ts';
import type { EstateRecord } from './estate-record.ts';
import type { Filter } from './filter/filter.ts';
import { fuseRankings, type Ranked } from './ranking.ts';
import { rewordedSearch } from './reworded-search.ts';
import { optionalText, parseLimit, parseOptions } from './validation.ts';

/** How words and meaning work together: both, meaning only, words only. */
export type SearchMode = 'hybrid' | 'semantic' | 'keyword';

/** What is searched for. */
export interface EstateSearchOptions {
  /** Words, names, identifiers, the beginning of an ARN, or a sentence. */
  text?: string | null;
  /** The vector of the text, where the caller has it; otherwise the embedder makes it. */
  vector?: readonly number[] | Float32Array | null;
  filter?: Filter | null;
  /** 20 by default, 1,000 at most. */
  limit?: number;
  /** `hybrid` by default. */
  mode?: SearchMode;
  /**
   * Leaves out results below it. Scores are the cosine in semantic mode, the share of the query that was found in keyword mode,
   * and both in hybrid mode: two thirds of the cosine and one third of the share.
   */
  min_score?: number | null;
  /** Adds to each result where its score came from. */
  explain?: boolean;
  signal?: AbortSignal;
}

/** Where the score of a result came from; null: not found that way. */
export interface SearchExplanation {
  semantic: { rank: number; cosine: number } | null;
  keyword: { rank: number; score: number; matched: string[] } | null;
}

/** A record that was found. */
export interface EstateSearchResult {
  record: EstateRecord;
  score: number;
  explain?: SearchExplanation;
}

/** Each ranking goes so much deeper than the result, so that fusing has something to fuse. */
const depthFactor = 3;
const minDepth = 60;

/** What a search needs of the collection. */
export interface SearchParts {
  backend: EstateBackend;
  guard: EmbeddingGuard;
  embedder: Embedder | null;
}

/** Ranks by meaning and by words, fuses, and fetches what came out first. */
export async function searchEstate(
  input: EstateSearchOptions,
  parts: SearchParts,
  get: (keys: readonly string[]) => Promise<(EstateRecord | null)[]>,
): Promise<EstateSearchResult[]> {
  const options = parseOptions(input, 'search');
  const limit = parseLimit(options.limit, 20, 1000);
  const mode = parseMode(options.mode);
  const filter = visibleFilter(options.filter);
  const text = parseText(options.text);
  const vector = mode === 'keyword' ? null : await queryVector(options, text, parts, mode);
  if (mode === 'keyword' && text === null) {
    throw new StorageError('INVALID_INPUT', 'text: a search by keyword needs a text');
  }
  const minimum = parseScore(options.min_score);
  throwIfAborted(options.signal);

  const depth = mode === 'hybrid' ? Math.max(limit * depthFactor, minDepth) : limit;
  const [semantic, found] = await Promise.all([
    vector === null ? null : parts.backend.nearest({ vector, filter, limit: depth }),
    text === null || mode === 'semantic'
      ? null
      : parts.backend.keywords({ text, filter, limit: depth }),
  ]);
  const { reworded, read } = await rewordedSearch(text, semantic, found, get);
  const keyword =
    reworded === null
      ? found
      : await parts.backend.keywords({ text: reworded, filter, limit: depth });
  const best = combine(semantic, keyword)
    .filter((entry) => entry.score >= minimum)
    .slice(0, limit);
  throwIfAborted(options.signal);
  const unread = best.map(({ key }) => key).filter((key) => !read.has(key));
  const records = await get(unread);
  for (const [index, key] of unread.entries()) read.set(key, records[index] ?? null);
  return best.flatMap(({ key, score }) => {
    const record = read.get(key) ?? null;
    // Deleted since it was ranked.
    if (record === null) return [];
    return options.explain === true
      ? [{ record, score, explain: explanation(key, semantic, keyword) }]
      : [{ record, score }];
  });
}

/** One ranking keeps its own scores; two are fused. */
function combine(semantic: readonly Ranked[] | null, keyword: readonly Ranked[] | null): Ranked[] {
  if (semantic === null) return [...(keyword ?? [])];
  if (keyword === null) return [...semantic];
  return fuseRankings(semantic, keyword);
}

function explanation(
  key: string,
  semantic: readonly Ranked[] | null,
  keyword: readonly RankedWords[] | null,
): SearchExplanation {
  const bySense = semantic?.findIndex((entry) => entry.key === key) ?? -1;
  const byWord = keyword?.findIndex((entry) => entry.key === key) ?? -1;
  const near = semantic?.[bySense];
  const words = keyword?.[byWord];
  return {
    semantic: near === undefined ? null : { rank: bySense + 1, cosine: near.score },
    keyword:
      words === undefined ? null : { rank: byWord + 1, score: words.score, matched: words.matched },
  };
}

function parseMode(mode: SearchMode | undefined): SearchMode {
  const known: readonly string[] = ['hybrid', 'semantic', 'keyword'];
  if (mode !== undefined && !known.includes(mode)) {
    throw new StorageError('INVALID_INPUT', `mode: expected one of ${known.join(', ')}`);
  }
  return mode ?? 'hybrid';
}

function parseText(text: string | null | undefined): string | null {
  const given = optionalText(text, 'text');
  return given === null || given.trim() === '' ? null : given;
}

function parseScore(score: number | null | undefined): number {
  if (score === null || score === undefined) return -Infinity;
  if (typeof score === 'number' && !Number.isNaN(score)) return score;
  throw new StorageError('INVALID_INPUT', 'min_score: expected a number');
}

async function queryVector(
  options: EstateSearchOptions,
  text: string | null,
  { embedder, guard }: SearchParts,
  mode: SearchMode,
): Promise<Float32Array | null> {
  const given = options.vector;
  if (given !== null && given !== undefined) {
    const vector = parseVector(given, 'vector');
    await guard.checkQuery(vector);
    return vector;
  }
  if (text === null) {
    throw new StorageError('INVALID_INPUT', 'search: give a text, a vector, or both');
  }
  if (embedder === null) {
    if (mode === 'hybrid') return null;
    throw new StorageError(
      'EMBEDDER_MISSING',
      'A semantic search by text needs an embedder: open the storage with one, give a vector, or search by keyword.',
    );
  }
  const [vector] = await embedder.embed([text], options.signal ? { signal: options.signal } : {});
  if (vector === undefined)
    throw new StorageError('BACKEND_FAILED', 'The embedder gave no vector.');
  await guard.checkQuery(vector);
  return vector;
}
