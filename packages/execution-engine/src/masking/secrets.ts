import { KEY_ID_PREFIXES, SECRET_NAMES, awsKeyAt } from './aws-keys.ts';
import { formsOf } from './forms.ts';
import type { Masker } from './masker.ts';
import { Matcher, joinMatches } from './matcher.ts';
import type { Match } from './matcher.ts';

/** What stands in the place of a secret. Not longer than the shortest secret: masked text is never longer than before. */
export const MASK = '***';
const MASK_BYTES = Buffer.from(MASK);

/** A matcher, and how many registered forms it knows. */
interface Known {
  forms: number;
  matcher: Matcher;
}

/** The secrets of an engine, and from them the masker of each execution. */
export class Secrets {
  readonly #awsKeys: boolean;
  readonly #secretNames = new Matcher(SECRET_NAMES.map((name) => Buffer.from(name)));
  readonly #registered = new Set<string>();
  /** For every execution without secrets of its own. */
  #common: Known = { forms: 0, matcher: new Matcher([]) };

  /** @param awsKeys whether what looks like an AWS key is masked as well */
  constructor(awsKeys: boolean) {
    this.#awsKeys = awsKeys;
  }

  /** Masks a value in all output from now on. */
  register(value: string): void {
    for (const form of formsOf(value)) this.#registered.add(form);
  }

  /** A masker for one execution, which also follows what is registered while it runs. */
  masker(values: readonly string[]): Masker {
    const own = values.flatMap(formsOf);
    let known: Known | null = null;
    const find = (bytes: Buffer): Match[] => {
      if (own.length === 0) known = this.#common = this.#upToDate(this.#common, own);
      else known = this.#upToDate(known, own);
      const matches: Match[] = [];
      known.matcher.scan(bytes, (start, end) => matches.push({ start, end }));
      if (this.#awsKeys) this.#findAwsKeys(bytes, matches);
      return joinMatches(matches);
    };
    const mask = (bytes: Buffer): Buffer => replace(bytes, find(bytes));
    return {
      mask,
      maskText: (text) => mask(Buffer.from(text)).toString(),
      cutBefore: (bytes, limit) => {
        const across = find(bytes).find(({ start, end }) => start < limit && end > limit);
        return across === undefined || across.start === 0 ? limit : across.start;
      },
    };
  }

  #upToDate(known: Known | null, own: readonly string[]): Known {
    const { size } = this.#registered;
    if (known?.forms === size) return known;
    const forms = new Set([...own, ...this.#registered]);
    return { forms: size, matcher: new Matcher([...forms].map((form) => Buffer.from(form))) };
  }

  #findAwsKeys(bytes: Buffer, matches: Match[]): void {
    const look = (start: number) => {
      const key = awsKeyAt(bytes, start);
      if (key !== null) matches.push(key);
    };
    for (const prefix of KEY_ID_PREFIXES) {
      for (let at = bytes.indexOf(prefix); at !== -1; at = bytes.indexOf(prefix, at + 1)) look(at);
    }
    this.#secretNames.scan(bytes, look);
  }
}

/** In place, closed up from left to right: many times faster than to put the parts together anew. */
function replace(bytes: Buffer, matches: readonly Match[]): Buffer {
  const [first] = matches;
  if (first === undefined) return bytes;
  let size = first.start;
  for (const [index, { end }] of matches.entries()) {
    bytes.set(MASK_BYTES, size);
    size += MASK_BYTES.length;
    const next = matches[index + 1]?.start ?? bytes.length;
    bytes.copyWithin(size, end, next);
    size += next - end;
  }
  return bytes.subarray(0, size);
}
