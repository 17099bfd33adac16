import type { CustomRedaction } from '../context/custom-redaction.ts';
import { maskText } from './outcome.ts';
import type { Preview } from '../preview/preview.ts';

/** Masks the output of one run line by line as it comes; a private key stays masked from its first to its last line. */
export class LineMasker {
  readonly #preview: Preview;
  readonly #redactions: readonly CustomRedaction[];
  /** Streams in the middle of a private key. */
  readonly #insideKey = new Set<string>();

  constructor(preview: Preview, redactions: readonly CustomRedaction[]) {
    this.#preview = preview;
    this.#redactions = redactions;
  }

  /** @param stream names the step and its stream, such as `s1/stdout` */
  mask(stream: string, line: string): string {
    if (this.#insideKey.has(stream)) {
      const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/.exec(line);
      if (end === null) return '[redacted:private_key]';
      this.#insideKey.delete(stream);
      return `[redacted:private_key]${this.#masked(line.slice(end.index + end[0].length))}`;
    }
    const begin = line.lastIndexOf('-----BEGIN ');
    if (begin >= 0 && /PRIVATE KEY/.test(line.slice(begin)) && !line.includes('-----END ', begin)) {
      this.#insideKey.add(stream);
    }
    return this.#masked(line);
  }

  #masked(line: string): string {
    return maskText(line, this.#preview, this.#redactions);
  }
}
