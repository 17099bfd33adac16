import { KEY_ID_PREFIXES, SECRET_NAMES, awsKeyAt } from './aws-keys.ts';
import { formsOf } from './forms.ts';
import type { Masker } from './masker.ts';
import { Matcher, joinMatches } from './matcher.ts';
import type { Match } from './matcher.ts';

/** What stands in the place of a secret. */
export const MASK = '***';
const MASK_BYTES = Buffer.from(MASK);

/** The secrets of an engine, and from them the masker of each execution. */
export class Secrets {
  readonly #awsKeys: boolean;
  readonly #secretNames = new Matcher(SECRET_NAMES.map((name) => Buffer.from(name)));
  readonly #registered = new Set<string>();

  /** @param awsKeys whether what looks like an AWS key is masked as well */
  constructor(awsKeys: boolean) {
    this.#awsKeys = awsKeys;
  }

  /** Masks a value in all output from now on. */
  register(value: string): void {
    for (const form of formsOf(value)) this.#registered.add(form);
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

  /** A masker for one execution, which also follows what is registered while it runs. */
  masker(values: readonly string[]): Masker {
    const own = values.flatMap(formsOf);
    let known = -1;
    let matcher = new Matcher([]);
    const find = (bytes: Buffer): Match[] => {
      if (known !== this.#registered.size) {
        known = this.#registered.size;
        const forms = new Set([...own, ...this.#registered]);
        matcher = new Matcher([...forms].map((form) => Buffer.from(form)));
      }
      const matches: Match[] = [];
      matcher.scan(bytes, (start, end) => matches.push({ start, end }));
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
}

function replace(bytes: Buffer, matches: readonly Match[]): Buffer {
  if (matches.length === 0) return bytes;
  const parts: Buffer[] = [];
  let from = 0;
  for (const { start, end } of matches) {
    parts.push(bytes.subarray(from, start), MASK_BYTES);
    from = end;
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts);
}
