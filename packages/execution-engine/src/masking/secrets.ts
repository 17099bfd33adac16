import { mayHoldAwsKeys, maskAwsKeys } from './aws-keys.ts';
import { formsOf } from './forms.ts';
import type { Masker } from './masker.ts';

/** What stands in the place of a secret. */
export const MASK = '***';
const MASK_BYTES = Buffer.from(MASK);

/** The secrets of an engine, and from them the masker of each execution. */
export class Secrets {
  readonly #awsKeys: boolean;
  readonly #registered = new Set<string>();

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
    const own = new Set(values.flatMap(formsOf));
    const mask = (bytes: Buffer): Buffer => {
      let masked = bytes;
      for (const form of own) masked = replaceAll(masked, form);
      for (const form of this.#registered) masked = replaceAll(masked, form);
      if (!this.#awsKeys || !mayHoldAwsKeys(masked)) return masked;
      // latin1 maps bytes to characters one to one, so that whatever is no UTF-8 survives.
      const text = masked.toString('latin1');
      const without = maskAwsKeys(text, MASK);
      return without === text ? masked : Buffer.from(without, 'latin1');
    };
    return { mask, maskText: (text) => mask(Buffer.from(text)).toString() };
  }
}

function replaceAll(bytes: Buffer, form: string): Buffer {
  let at = bytes.indexOf(form);
  if (at === -1) return bytes;
  const parts: Buffer[] = [];
  let from = 0;
  const length = Buffer.byteLength(form);
  while (at !== -1) {
    parts.push(bytes.subarray(from, at), MASK_BYTES);
    from = at + length;
    at = bytes.indexOf(form, from);
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}
