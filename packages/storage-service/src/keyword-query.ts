import type { ClearRecord } from './backends/backend.ts';
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
    'a about all am an and any anything are as at be been behind being belong belonging belongs but by called can could ' +
    'currently did do does each every everything find for from give had has have how in into is it its let me my named need of ' +
    'on or our please s should show so some tell than that the their them there these they this those to under use used uses ' +
    'using want was we were what when where which who whom whose why will with within without would you your'
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
  return [...titleWords(record), ...wordsOf(record.resource_type), ...otherWords(record)].join(' ');
}

/** What the identifier index holds of a record: the names by which people call it, not its ARN. */
export function indexedIdentifiers(record: ClearRecord): string {
  return `${record.resource_id} ${record.name ?? ''}`.toLowerCase();
}

/** What says which thing it is: its name and id. */
export function titleWords(record: ClearRecord): string[] {
  return wordsOf(`${record.name ?? ''} ${record.resource_id}`);
}

/** What says what kind of thing it is: its type, and the first sentence of its text. */
export function kindWords(record: ClearRecord): string[] {
  return wordsOf(`${record.resource_type} ${record.text.split('. ', 1)[0] ?? ''}`);
}

/** All other words of it. */
export function otherWords(record: ClearRecord): string[] {
  const tags = Object.entries(record.tags ?? {}).map(([name, value]) => `${name} ${value}`);
  return wordsOf(
    [
      record.account_id,
      record.region,
      record.state ?? '',
      record.created_at?.slice(0, 4) ?? '',
      ...tags,
      record.text,
    ].join(' '),
  );
}

/** The runs of three characters of a text: what has all of those of a part may contain the part. */
export function gramsOf(text: string): string[] {
  const characters = Array.from(text);
  return [
    ...new Set(characters.slice(2).map((_, index) => characters.slice(index, index + 3).join(''))),
  ];
}
