/** Replaces secrets in output. */
export interface Masker {
  /** The bytes with every secret replaced, in place; the same object where there was none. */
  mask(bytes: Buffer): Buffer;
  /** The same for a text, such as an argument or a message. */
  maskText(text: string): string;
  /** Where to cut `bytes` at or before `limit` without cutting a secret in two. */
  cutBefore(bytes: Buffer, limit: number): number;
}
