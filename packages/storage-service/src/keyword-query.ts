import type { ClearRecord, RankedWords } from './backends/backend.ts';
import { byScore } from './ranking.ts';
import { wellFormed } from './well-formed.ts';

/** More terms than this say nothing more about what is looked for. */
const maxTerms = 24;
/** So much of an identifier is looked for: the index knows runs of three characters, and asks for each of them. */
const maxPartLength = 256;
/** Text beyond this is not indexed by words: it is embedded and shown all the same. */
export const maxTextLength = 100_000;

/** The words of a text: runs of letters and digits, lower case, without accents. */
export function wordsOf(text: string): string[] {
  const start = text.slice(0, maxTextLength);
  // Most texts are ASCII: a tenth of the time.
  if (/^[\0-\x7f]*$/u.test(start)) return start.toLowerCase().match(/[a-z0-9]+/gu) ?? [];
  return (
    start
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      // A sigma at the end of a word is a sigma: SQLite's tokenizer thinks so, others do not.
      .replaceAll('ς', 'σ')
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Words of English that hold a question together and say nothing about what is looked for. */
const functionWords = new Set(
  (
    'a an and any anything are as at be been but by can could did do does everything for from had has have how in is its me ' +
    'my of on or our should so some that the their them there these they this those to was we were what when where which who ' +
    'whom whose why will with would you your'
  ).split(' '),
);

/** What a search text asks for. */
export interface KeywordQuery {
  /** Distinct words. */
  words: string[];
  /** Parts as they were typed (lower case) that look like an identifier, a name or an ARN: at least 3 characters. */
  identifiers: string[];
  /** Beginnings of ARNs, in the case in which they were typed. */
  arns: string[];
}

/** Takes a search text apart; hostile characters are only characters. */
export function keywordQuery(text: string): KeywordQuery {
  const words = tellingWords([...new Set(wordsOf(text))]).slice(0, maxTerms);
  const parts = text
    .slice(0, maxTextLength)
    .split(/\s+/u)
    .map((part) => wellFormed(part.slice(0, maxPartLength)));
  const arns = parts.filter((part) => part.startsWith('arn:')).slice(0, maxTerms);
  const identifiers = [...new Set(parts.map((part) => part.toLowerCase()))]
    .filter((part) => isSearchablePart(part) && /[\p{N}\-_:/.]/u.test(part))
    .slice(0, maxTerms);
  return { words, identifiers, arns };
}

/** Without function words, unless there is nothing else. */
function tellingWords(words: string[]): string[] {
  const telling = words.filter((word) => !functionWords.has(word));
  return telling.length > 0 ? telling : words;
}

/** Whether the identifier index can find it: it knows runs of three characters. */
export function isSearchablePart(part: string): boolean {
  return /^.{3}/su.test(part);
}

/** What the word index holds of a record. */
export function indexedWords(record: ClearRecord): string {
  return [...titleWords(record), ...otherWords(record)].join(' ');
}

/** What the identifier index holds of a record: the names by which people call it, not its ARN. */
export function indexedIdentifiers(record: ClearRecord): string {
  return `${record.resource_id} ${record.name ?? ''}`.toLowerCase();
}

function titleWords(record: ClearRecord): string[] {
  return wordsOf(`${record.name ?? ''} ${record.resource_id} ${record.resource_type}`);
}

function otherWords(record: ClearRecord): string[] {
  const tags = Object.entries(record.tags ?? {}).map(([name, value]) => `${name} ${value}`);
  return wordsOf(
    [record.account_id, record.region, record.state ?? '', ...tags, record.text].join(' '),
  );
}

/** In how many of all records each word occurs. */
export interface WordCounts {
  total: number;
  counts: ReadonlyMap<string, number>;
}

/** How much a word tells that is only in tags or text, against one in the name, id or type. */
const otherGain = 0.7;
/** How much a part of an identifier tells, against all of it. */
const partGain = 0.9;

/**
 * Scores candidates by the share of the query that they contain, rare words counting more (inverse document frequency,
 * as in BM25). In [0, 1]; candidates that contain nothing are left out.
 */
export function scoreKeywords(
  query: KeywordQuery,
  candidates: readonly ClearRecord[],
  { total, counts }: WordCounts,
): RankedWords[] {
  const weights = query.words.map((word) => {
    const count = Math.min(counts.get(word) ?? 0, total);
    return Math.log(1 + (total - count + 0.5) / (count + 0.5));
  });
  // An identifier names one thing: it weighs as a word found once.
  const identifierWeight = Math.log(1 + (total + 0.5) / 1.5);
  const highest =
    weights.reduce((sum, weight) => sum + weight, 0) + identifierWeight * query.identifiers.length;
  if (highest === 0) return [];

  return candidates
    .map((record) => {
      const title = new Set(titleWords(record));
      const other = new Set(otherWords(record));
      const matched: string[] = [];
      let score = 0;
      for (const [index, word] of query.words.entries()) {
        const gain = title.has(word) ? 1 : other.has(word) ? otherGain : 0;
        if (gain > 0) matched.push(word);
        score += gain * (weights[index] ?? 0);
      }
      for (const identifier of query.identifiers) {
        const gain = identifierGain(identifier, record);
        if (gain > 0) matched.push(identifier);
        score += gain * identifierWeight;
      }
      return { key: record.key, score: score / highest, matched };
    })
    .filter((candidate) => candidate.score > 0)
    .sort(byScore);
}

function identifierGain(identifier: string, record: ClearRecord): number {
  const id = record.resource_id.toLowerCase();
  const name = (record.name ?? '').toLowerCase();
  const arn = (record.arn ?? '').toLowerCase();
  const whole = [name, id, arn, id.slice(id.indexOf('/') + 1)];
  if (whole.includes(identifier)) return 1;
  if (id.includes(identifier) || name.includes(identifier)) return partGain;
  return arn.startsWith(identifier) ? partGain : 0;
}
