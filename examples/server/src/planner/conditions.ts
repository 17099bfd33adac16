import { ENVIRONMENTS, PLACES, STATES, SYNONYMS } from './vocabulary.ts';
import type { Token } from './tokens.ts';

/** One thing that a resource has to be, have or be called. `said` is what the message says for it. */
export type Condition =
  | { family: 'environment'; said: string; names: readonly string[] }
  | { family: 'state'; said: string; states: readonly string[] }
  | { family: 'region'; said: string; regions: readonly string[] }
  | { family: 'id'; said: string; id: string }
  | { family: 'tag'; said: string; key: string; value: string }
  | { family: 'name'; said: string; name: string; quoted: boolean }
  | { family: 'word'; said: string; words: readonly string[] };

const REGION = /^[a-z]{2}(?:-[a-z]+)+-\d$/;
const REGION_GROUP = /^(?:us|eu|ap|sa|ca|me|af|il|mx)-\*$/;
const ID = /^(?:[a-z]+-(?:[0-9a-f]{8}|[0-9a-f]{17})|arn:aws[\w-]*:.+)$/i;
const TAG = /^([\w.:/+@-]{1,128})=(.{0,256})$/u;

/** The condition that one word states by itself, whatever stands around it; null for an ordinary word. */
export function knownCondition(token: Token): Condition | null {
  const { raw, word } = token;
  if (token.quoted) return { family: 'name', said: raw, name: raw, quoted: true };
  if (ID.test(word)) return { family: 'id', said: raw, id: raw };
  if (REGION.test(word) || REGION_GROUP.test(word)) {
    return { family: 'region', said: raw, regions: [word] };
  }
  const place = own(PLACES, word);
  if (place !== undefined) return { family: 'region', said: raw, regions: place };
  const tag = TAG.exec(raw);
  if (tag !== null) {
    return { family: 'tag', said: raw, key: tag[1] ?? '', value: unquote(tag[2] ?? '') };
  }
  const environment = ENVIRONMENTS.find((names) => names.includes(word));
  if (environment !== undefined) return { family: 'environment', said: raw, names: environment };
  const states = own(STATES, word);
  if (states !== undefined) return { family: 'state', said: raw, states };
  // A digit, dash, dot or star inside: a name rather than a word of the language.
  if (/[\d_*]|\w[-.]\w/.test(word)) return { family: 'name', said: raw, name: raw, quoted: false };
  return null;
}

/** The condition of an ordinary word: a part of a name, a tag, an engine. */
export function wordCondition(token: Token): Condition {
  const words = SYNONYMS.find((group) => group.includes(token.word)) ?? [token.word];
  return { family: 'word', said: token.raw, words };
}

/** A value of a record by a key that came from outside: never something of the prototype. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function unquote(value: string): string {
  return value.replace(/^(["'])(.*)\1$/u, '$2');
}
