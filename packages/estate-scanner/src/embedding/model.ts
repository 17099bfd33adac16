import { fileURLToPath } from 'node:url';

/** The model in this package: licence, source and checksums are in `models/README.md`. */
export const MINILM = {
  name: 'all-MiniLM-L6-v2',
  dimensions: 384,
  /**
   * A text is cut here before it is tokenized. The model reads 256 tokens; 16,384 characters are 64 for
   * each of them, while a megabyte would take the tokenizer 0.3 s (measured) only to be thrown away.
   */
  maxCharacters: 16_384,
} as const;

/** The folder that holds the model's folder: `models` of this package, from its sources and from `dist` alike. */
export function modelsFolder(): string {
  const path = import.meta.url.endsWith('.ts') ? '../../models/' : '../models/';
  return fileURLToPath(new URL(path, import.meta.url));
}
