import type { ClearRecord, RankedWords } from './backends/backend.ts';
import { type KeywordQuery, kindWords, otherWords, titleWords, wordsOf } from './keyword-query.ts';
import { byScore } from './ranking.ts';
import { formsOf } from './word-forms.ts';

/** In how many of all records each word occurs, in any of its forms. */
export interface WordCounts {
  total: number;
  counts: ReadonlyMap<string, number>;
}

/** How much a word tells by where it is: who says "database" means what is one, before what has it in its name. */
const gains = { kind: 1, title: 0.9, other: 0.65 };
/** How much a word tells in another form than the one that was asked for. */
const formGain = 0.95;
/**
 * How much an identifier tells: all of a name, id or ARN; a value of a tag, the place; what refers to it; a part of a name, and a part
 * of it where something else is called just so.
 */
const identifierGains = { whole: 1, value: 1, reference: 0.85, part: 0.85, otherPart: 0.5 };
/** What a word weighs that most records have: who says "in prod" means it. */
const leastWeight = 1;
/** An identifier names one thing: it weighs so much more than a word found once. */
const identifierFactor = 2;

/**
 * Scores candidates by the share of the query that they contain, rare words counting more (inverse document frequency,
 * as in BM25). In [0, 1]; candidates that contain nothing are left out.
 */
export function scoreKeywords(
  query: KeywordQuery,
  candidates: readonly ClearRecord[],
  { total, counts }: WordCounts,
): RankedWords[] {
  const named = namedBy(query.identifiers, candidates);
  // What is called just so was found whole: its words alone (`sg`, `vpc`) would count everything of the kind again.
  const found = new Set(
    query.identifiers.flatMap((identifier) =>
      (named.get(identifier)?.size ?? 0) > 1 ? wordsOf(identifier) : [],
    ),
  );
  const words = query.words
    .filter((word) => !found.has(word))
    .map((word) => {
      const count = Math.min(counts.get(word) ?? 0, total);
      const rarity = Math.log(1 + (total - count + 0.5) / (count + 0.5));
      return { word, weight: Math.max(leastWeight, rarity), forms: formsOf(word) };
    });
  const identifierWeight = identifierFactor * Math.log(1 + (total + 0.5) / 1.5);
  const highest =
    words.reduce((sum, { weight }) => sum + weight, 0) +
    identifierWeight * query.identifiers.length;
  if (highest === 0) return [];

  return candidates
    .map((record) => {
      const gainOf = wordGains(record);
      const matched: string[] = [];
      let score = 0;
      for (const { word, weight, forms } of words) {
        const gain = Math.max(
          ...forms.map((form) => (gainOf.get(form) ?? 0) * (form === word ? 1 : formGain)),
        );
        if (gain > 0) matched.push(word);
        score += gain * weight;
      }
      for (const identifier of query.identifiers) {
        const gain = identifierGain(identifier, record, named);
        if (gain > 0) matched.push(identifier);
        score += gain * identifierWeight;
      }
      return { key: record.key, score: score / highest, matched };
    })
    .filter((candidate) => candidate.score > 0)
    .sort(byScore);
}

/** The words of a record, each with what it tells at the best of its places. */
function wordGains(record: ClearRecord): Map<string, number> {
  const found = new Map<string, number>();
  for (const word of otherWords(record)) found.set(word, gains.other);
  for (const word of titleWords(record)) found.set(word, gains.title);
  for (const word of kindWords(record)) found.set(word, gains.kind);
  return found;
}

/** What identifiers stand for where relations end: themselves, and the keys of what is called so. */
function namedBy(
  identifiers: readonly string[],
  candidates: readonly ClearRecord[],
): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    identifiers.map((identifier) => [
      identifier,
      new Set([
        identifier,
        ...candidates.flatMap((record) => (isNamed(record, identifier) ? [record.key] : [])),
      ]),
    ]),
  );
}

/** Whether an identifier is all of a record's name, id or ARN. */
export function isNamed(record: ClearRecord, identifier: string): boolean {
  const id = record.resource_id.toLowerCase();
  const names = [record.name ?? '', id, record.arn ?? '', id.slice(id.indexOf('/') + 1)];
  return names.some((name) => name.toLowerCase() === identifier);
}

function identifierGain(
  identifier: string,
  record: ClearRecord,
  named: ReadonlyMap<string, ReadonlySet<string>>,
): number {
  if (isNamed(record, identifier)) return identifierGains.whole;
  const { region, account_id, tags, relations, text } = record;
  if (
    [region, account_id].includes(identifier) ||
    hasValue(tags, identifier) ||
    says(text, identifier)
  ) {
    return identifierGains.value;
  }
  const ends = named.get(identifier);
  if (relations.some(({ target }) => ends?.has(target) === true)) return identifierGains.reference;
  const names = `${record.resource_id} ${record.name ?? ''}`.toLowerCase();
  if (!names.includes(identifier) && record.arn?.toLowerCase().startsWith(identifier) !== true) {
    return 0;
  }
  return ends !== undefined && ends.size > 1 ? identifierGains.otherPart : identifierGains.part;
}

function hasValue(tags: ClearRecord['tags'], identifier: string): boolean {
  return Object.values(tags ?? {}).some((value) => value.toLowerCase() === identifier);
}

/** Whether a text has it, not as part of something longer. */
function says(text: string, identifier: string): boolean {
  const lower = text.toLowerCase();
  for (let at = lower.indexOf(identifier); at >= 0; at = lower.indexOf(identifier, at + 1)) {
    const around = [lower[at - 1] ?? ' ', lower[at + identifier.length] ?? ' '];
    if (around.every((character) => !/[\p{L}\p{N}]/u.test(character))) return true;
  }
  return false;
}
