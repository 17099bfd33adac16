import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Runs the benchmarks named as arguments: `pnpm bench engine`. Each prints a table and writes JSON to `results/`. */
const folder = import.meta.dirname;
const known = globSync('*.ts', { cwd: folder })
  .map((file) => basename(file, '.ts'))
  .filter((name) => name !== 'main')
  .sort();

const names = process.argv.slice(2);
const unknown = names.filter((name) => !existsSync(join(folder, `${name}.ts`)));
if (names.length === 0 || unknown.length > 0) {
  console.error(`Usage: pnpm bench NAME …, with NAME one of ${known.join(', ')}.`);
  process.exit(2);
}
for (const name of names) await import(`./${name}.ts`);
