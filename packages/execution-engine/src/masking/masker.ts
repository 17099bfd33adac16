/** Replaces secrets in output. */
export interface Masker {
  /** The bytes with every secret replaced; the same object where there was none. */
  mask(bytes: Buffer): Buffer;
}

/** Leaves everything as it is. */
export const noMasking: Masker = { mask: (bytes) => bytes };
