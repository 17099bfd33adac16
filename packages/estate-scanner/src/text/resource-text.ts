import { placeOf } from './places.ts';
import { wordsOf } from './words.ts';

/** Longer texts say no more: the model reads 256 word pieces, about a thousand characters. */
const LONGEST_TEXT = 1000;
/** What a tag that is not about the resource's purpose adds is noise past this many. */
const MOST_TAGS = 20;

/** What the text of a resource is made of. */
export interface TextParts {
  /** What the type is, in words. */
  typeWords: string;
  name: string | null;
  tags: Readonly<Record<string, string>> | null;
  state: string | null;
  region: string;
  searchWords: readonly string[];
}

/**
 * The text that is embedded for search by meaning: what it is, its name, tags, state and place in words. No ARNs and no ids: they
 * cost the model 30 tokens each and say nothing; a keyword index finds those.
 */
export function resourceText(parts: TextParts): string {
  const name = wordsOf(parts.name ?? '');
  const sentences = [
    parts.typeWords,
    name === '' ? '' : `named ${name}`,
    ...parts.searchWords.map((words) => words.trim()),
    ...tagWords(parts.tags, name),
    parts.state === null ? '' : stateWords(parts.state),
    placeOf(parts.region),
  ];
  const text = [...new Set(sentences.filter((sentence) => sentence !== ''))].join('. ');
  return text.length > LONGEST_TEXT ? text.slice(0, text.lastIndexOf(' ', LONGEST_TEXT)) : text;
}

/** What most things are says nothing about one; the word index has it all the same. */
const usualStates = new Set(['active', 'available', 'completed', 'enabled', 'in-use', 'ok']);

function stateWords(state: string): string {
  const lower = state.toLowerCase();
  if (usualStates.has(lower)) return '';
  return lower === 'alarm' ? 'in alarm, firing' : `state ${wordsOf(state)}`;
}

function tagWords(tags: TextParts['tags'], name: string): string[] {
  return Object.entries(tags ?? {})
    .filter(([key]) => key !== 'Name' && !key.startsWith('aws:'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MOST_TAGS)
    .map(([key, value]) => [wordsOf(key.split(':').at(-1) ?? key), wordsOf(value)] as const)
    .filter(([, words]) => words !== '' && words !== name)
    .map(([key, words]) => (words === 'true' ? key : `${key} ${words}`));
}
