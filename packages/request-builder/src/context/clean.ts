import type { Json } from '../protocol/json.ts';
import { toPointer } from '../errors.ts';
import type { CustomRedaction } from './custom-redaction.ts';
import { redactText, type RedactionCounts } from './redact.ts';
import { sanitize } from './sanitize.ts';
import { isSecretName } from './secret-names.ts';

export interface CleanLimits {
  /** Characters of one string inside a resource. */
  maxStringLength: number;
  /** Elements of one array, and keys of one object, inside a resource. */
  maxEntries: number;
  /** Nesting inside a resource. */
  maxDepth: number;
}

const MASK = '[redacted:secret]';

const defaultLimits: CleanLimits = { maxStringLength: 1000, maxEntries: 50, maxDepth: 8 };

/**
 * What everything passes that leaves this process: secrets masked, invisible characters stripped, both counted.
 *
 * One cleaner serves one request, so that its counts are that request's.
 */
export class Cleaner {
  /** By kind; stripped characters are `invisible_characters`. */
  readonly counts: RedactionCounts = {};
  readonly #custom: readonly CustomRedaction[];
  readonly #limits: CleanLimits;

  constructor(custom: readonly CustomRedaction[] = [], limits: CleanLimits = defaultLimits) {
    this.#custom = custom;
    this.#limits = limits;
  }

  /** A text of any length: stripped first, so that an invisible character cannot hide a secret. */
  text(input: string): string {
    const { text, stripped } = sanitize(input);
    if (stripped > 0) {
      this.counts['invisible_characters'] = (this.counts['invisible_characters'] ?? 0) + stripped;
    }
    return redactText(text, this.counts, this.#custom);
  }

  /**
   * A JSON value within the limits.
   *
   * @param omitted gets the JSON Pointer of everything that was left out, shortened or masked as a whole
   */
  json(value: Json, path: readonly string[], omitted: string[]): Json {
    if (typeof value === 'string') return this.#string(value, path, omitted);
    if (typeof value !== 'object' || value === null) return value;
    if (path.length > this.#limits.maxDepth) {
      omitted.push(toPointer(path));
      return null;
    }
    const limit = this.#limits.maxEntries;
    if (Array.isArray(value)) {
      if (value.length > limit) omitted.push(toPointer([...path, String(limit)]));
      return value
        .slice(0, limit)
        .map((item, index) => this.json(item, [...path, String(index)], omitted));
    }
    const result: Record<string, Json> = {};
    for (const [index, [key, item]] of Object.entries(value).entries()) {
      if (index >= limit) {
        omitted.push(toPointer([...path, key]));
        continue;
      }
      const name = this.text(key);
      if (name !== '__proto__') result[name] = this.#member(name, item, [...path, name], omitted);
    }
    return result;
  }

  #member(name: string, value: Json, path: readonly string[], omitted: string[]): Json {
    const holdsText = typeof value === 'string' || (Array.isArray(value) && value.length > 0);
    if (!holdsText || !isSecretName(name)) return this.json(value, path, omitted);
    // Cleaning twice must not count twice.
    if (value === MASK) return value;
    this.counts['secret'] = (this.counts['secret'] ?? 0) + 1;
    omitted.push(toPointer(path));
    return MASK;
  }

  #string(value: string, path: readonly string[], omitted: string[]): string {
    const max = this.#limits.maxStringLength;
    // Cleaned before it is cut: the half of a secret no longer looks like one.
    const text = this.text(value);
    if (text.length <= max) return text;
    omitted.push(toPointer(path));
    // The cut may have left half of a surrogate pair.
    return `${sanitize(text.slice(0, max)).text}…`;
  }
}
