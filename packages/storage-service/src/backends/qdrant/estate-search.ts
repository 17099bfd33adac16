import type { Schemas } from '@qdrant/js-client-rest';
import { StorageError } from '../../errors.ts';
import type { Filter } from '../../filter/filter.ts';
import { gramsOf, isSearchablePart, keywordQuery } from '../../keyword-query.ts';
import { planWords } from '../../keyword-plan.ts';
import { isNamed, scoreKeywords } from '../../keyword-score.ts';
import { byScore } from '../../ranking.ts';
import { respelled } from '../../spelling.ts';
import { formsOf } from '../../word-forms.ts';
import type { ClearRecord, RankedKey, RankedWords } from '../backend.ts';
import { vectorName } from './collections.ts';
import type { EstateFilters } from './estate-filters.ts';
import { resourceFields, resourceFrom } from './payloads.ts';
import type { QdrantPoints } from './points.ts';

type Condition = Schemas['Condition'];

/** So many matches by words are scored: Qdrant does not rank them itself. */
const wordCandidates = 500;

/** Ranks resources by vector, in Qdrant, and by words, here. */
export class QdrantEstateSearch {
  readonly #points: QdrantPoints;
  readonly #filters: EstateFilters;
  readonly #dimensions: number;

  constructor(points: QdrantPoints, filters: EstateFilters, dimensions: number) {
    this.#points = points;
    this.#filters = filters;
    this.#dimensions = dimensions;
  }

  async nearest(query: {
    vector: Float32Array;
    filter: Filter | null;
    limit: number;
  }): Promise<RankedKey[]> {
    checkDimensions(query.vector, this.#dimensions);
    const points = await this.#points.nearest({
      vector: [...query.vector],
      using: vectorName,
      filter: await this.#filters.write(query.filter),
      // A few more than asked for, so that ties at the end are ordered by key.
      limit: query.limit + 16,
    });
    return points
      .map((point) => ({ key: String(point.payload?.['key']), score: point.score }))
      .sort(byScore)
      .slice(0, query.limit);
  }

  async keywords(query: {
    text: string;
    filter: Filter | null;
    limit: number;
  }): Promise<RankedWords[]> {
    const filter = await this.#filters.write(query.filter);
    const ranked = await this.#rankWords(query, filter);
    if (ranked.length > 0) return ranked;
    const { words } = keywordQuery(query.text);
    const alike = words.flatMap((word) => gramsOf(word)).map(hasPart);
    const likely = await this.#find(alike, filter, wordCandidates);
    const texts = likely.map((record) => `${record.name ?? ''} ${record.text}`);
    const text = respelled(query.text, words, texts);
    return text === null ? [] : this.#rankWords({ ...query, text }, filter);
  }

  async #rankWords(
    query: { text: string; limit: number },
    filter: Schemas['Filter'] | undefined,
  ): Promise<RankedWords[]> {
    const terms = keywordQuery(query.text);
    const counts = new Map<string, number>();
    for (const word of terms.words) {
      counts.set(word, await this.#points.count({ must: [hasWord(word)] }));
    }
    const total = await this.#points.count(undefined);
    const limit = Math.max(wordCandidates, query.limit);
    const found = new Map<string, ClearRecord>();
    const collect = async (conditions: Condition[]) => {
      for (const record of await this.#find(conditions, filter, limit)) {
        found.set(record.key, record);
      }
    };
    for (const { anyOf, enough } of planWords(terms.words, counts, total)) {
      if (found.size >= enough) break;
      await collect(anyOf.map((words) => ({ must: words.map(hasWord) })));
    }
    await collect(terms.identifiers.map(hasPart));
    const beginnings = terms.arns.map((value) => ({ prefix: { field: 'arn', value } }));
    const begins =
      beginnings.length > 0 ? await this.#filters.write({ any: beginnings }) : undefined;
    await collect(begins === undefined ? [] : [begins]);
    const named = [...found.values()].filter((record) =>
      terms.identifiers.some((identifier) => isNamed(record, identifier)),
    );
    const targets = [...terms.identifiers, ...named.map(({ key }) => key)];
    if (terms.identifiers.length > 0) {
      await collect([{ key: 'targets', match: { any: targets } }]);
    }
    if (found.size === 0) {
      const parts = terms.words.filter(isSearchablePart);
      terms.identifiers = [...new Set([...terms.identifiers, ...parts])];
      await collect(parts.map(hasPart));
    }
    return scoreKeywords(terms, [...found.values()], { total, counts }).slice(0, query.limit);
  }

  /** What meets any of the conditions, and the filter. */
  async #find(
    conditions: Condition[],
    filter: Schemas['Filter'] | undefined,
    limit: number,
  ): Promise<ClearRecord[]> {
    if (conditions.length === 0) return [];
    const must: Condition[] = [{ should: conditions }];
    if (filter !== undefined) must.push(filter);
    const { points } = await this.#points.scroll({
      filter: { must },
      limit,
      withPayload: resourceFields,
    });
    return points.map((point) => resourceFrom(point).record);
  }
}

/** @throws StorageError `EMBEDDING_MISMATCH` */
export function checkDimensions(vector: Float32Array, dimensions: number): void {
  if (vector.length === dimensions) return;
  throw new StorageError(
    'EMBEDDING_MISMATCH',
    `The collection has vectors of ${dimensions} dimensions, not ${vector.length}: set backend.dimensions for a new prefix.`,
    { details: { stored: dimensions, given: vector.length } },
  );
}

/** Has a word in any of its forms. */
function hasWord(word: string): Condition {
  return { should: formsOf(word).map((form) => ({ key: 'words', match: { text: form } })) };
}

/** Has all runs of three characters of a part; scoring looks whether it has the part. */
function hasPart(part: string): Condition {
  return { must: gramsOf(part).map((gram) => ({ key: 'grams', match: { value: gram } })) };
}
