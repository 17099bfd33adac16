import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Format } from './programs.ts';
import { mustRun } from './run.ts';

const ROUNDS = 11;

/** What loading one specifier costs over an empty program: warm medians, milliseconds. */
export interface ImportCost {
  specifier: string;
  'ESM import, ms': number;
  'CJS require, ms': number;
}

/** Measures every specifier against an empty program, in turn, so that a slow moment of the machine hits all alike. */
export async function measureImports(
  app: string,
  specifiers: readonly string[],
): Promise<ImportCost[]> {
  const [esm, cjs] = [await medians(app, 'esm', specifiers), await medians(app, 'cjs', specifiers)];
  return specifiers.map((specifier) => ({
    specifier,
    'ESM import, ms': Math.round(esm.get(specifier) ?? Number.NaN),
    'CJS require, ms': Math.round(cjs.get(specifier) ?? Number.NaN),
  }));
}

async function medians(
  app: string,
  format: Format,
  specifiers: readonly string[],
): Promise<Map<string, number>> {
  const files = new Map<string, string>();
  for (const [index, specifier] of ['', ...specifiers].entries()) {
    const file = join(app, `cost-${index}.${format === 'esm' ? 'mjs' : 'cjs'}`);
    const load = format === 'esm' ? `import '${specifier}';` : `require('${specifier}');`;
    await writeFile(file, specifier === '' ? '' : load);
    files.set(specifier, file);
  }
  const times = new Map<string, number[]>();
  // Round 0 warms the file cache and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [specifier, file] of files) {
      const started = performance.now();
      await mustRun(process.execPath, [file], app);
      const spent = performance.now() - started;
      if (round > 0) times.set(specifier, [...(times.get(specifier) ?? []), spent]);
    }
  }
  const median = (specifier: string) =>
    times.get(specifier)?.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
  const empty = median('');
  return new Map(specifiers.map((specifier) => [specifier, median(specifier) - empty]));
}
