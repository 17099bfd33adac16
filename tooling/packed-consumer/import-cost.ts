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
  const programs: { specifier: string; format: Format; file: string; times: number[] }[] = [];
  for (const [index, specifier] of ['', ...specifiers].entries()) {
    for (const format of ['esm', 'cjs'] as const) {
      const file = join(app, `cost-${index}.${format === 'esm' ? 'mjs' : 'cjs'}`);
      const load = format === 'esm' ? `import '${specifier}';` : `require('${specifier}');`;
      await writeFile(file, specifier === '' ? '' : load);
      programs.push({ specifier, format, file, times: [] });
    }
  }
  // Round 0 warms the file cache and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { file, times } of programs) {
      const started = performance.now();
      await mustRun(process.execPath, [file], app);
      if (round > 0) times.push(performance.now() - started);
    }
  }
  const medianOf = (specifier: string, format: Format) => {
    const found = programs.find((one) => one.specifier === specifier && one.format === format);
    return found?.times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN;
  };
  const costOf = (specifier: string, format: Format) =>
    Math.round(medianOf(specifier, format) - medianOf('', format));
  return specifiers.map((specifier) => ({
    specifier,
    'ESM import, ms': costOf(specifier, 'esm'),
    'CJS require, ms': costOf(specifier, 'cjs'),
  }));
}
