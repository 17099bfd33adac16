import { readFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ScanError } from '../errors.ts';

/** The model in this package: licence, source and checksums are in `models/README.md`. */
export const MINILM = { name: 'all-MiniLM-L6-v2', dimensions: 384 } as const;

/**
 * A text is cut here before it is tokenized. Models of this kind read 256 or 512 tokens; 16,384 characters are 32 for each of
 * them, while a megabyte would take the tokenizer 0.3 s (measured) only to be thrown away.
 */
export const MOST_CHARACTERS = 16_384;

/** A model on disk. */
export interface Model {
  /** The name of its folder: what vectors are marked with. */
  name: string;
  /** The folder that holds its folder. */
  folder: string;
  /** Length of its vectors. */
  dimensions: number;
  /** Whether it is the one in this package. */
  isShipped: boolean;
}

const Config = z.object({ hidden_size: z.int().min(1) });

/** The folder that holds the model's folder: `models` of this package, from its sources and from `dist` alike. */
export function modelsFolder(): string {
  const path = import.meta.url.endsWith('.ts') ? '../../models/' : '../models/';
  return fileURLToPath(new URL(path, import.meta.url));
}

/**
 * Finds a model.
 *
 * @param model the name of a folder in `folder`, or a path (absolute, or beginning with `./` or `../`)
 * @param expected the length that its vectors must have, where the caller knows it
 * @throws ScanError `INVALID_OPTIONS` where its vectors have another length, `EMBEDDER_UNAVAILABLE` where it cannot be read
 */
export function findModel(
  model: string = MINILM.name,
  folder: string = modelsFolder(),
  expected?: number,
): Model {
  const isPath = isAbsolute(model) || /^\.\.?[/\\]/u.test(model);
  // Threads look for it later, when the process may work in another folder.
  const path = resolve(isPath ? model : join(folder, model));
  const name = basename(path);
  // The model of this package is known; its weights are looked for when they are needed.
  const dimensions = name === MINILM.name ? MINILM.dimensions : dimensionsOf(path);
  if (expected !== undefined && expected !== dimensions) {
    throw new ScanError(
      'INVALID_OPTIONS',
      `dimensions: the vectors of ${name} have ${dimensions} numbers, not ${expected}.`,
    );
  }
  return {
    name,
    folder: dirname(path),
    dimensions,
    isShipped: path === join(modelsFolder(), MINILM.name),
  };
}

function dimensionsOf(path: string): number {
  try {
    const config: unknown = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'));
    return Config.parse(config).hidden_size;
  } catch (cause) {
    throw new ScanError(
      'EMBEDDER_UNAVAILABLE',
      `There is no model in ${path}: it needs config.json (with hidden_size), tokenizer.json, tokenizer_config.json and onnx/.`,
      { cause },
    );
  }
}
