import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Runs the scripts of a folder that the command line names, one after the other: `pnpm bench engine storage`. Scripts of
 * later names see the process as earlier ones left it. An unknown name ends the process with exit code 2 and the known ones.
 *
 * @param command how a person starts it, for the usage line
 */
export async function runNamedScripts(folder: string, command: string): Promise<void> {
  const names = process.argv.slice(2);
  const fileOf = (name: string) => join(folder, `${name}.ts`);
  if (names.length === 0 || !names.every((name) => existsSync(fileOf(name)))) {
    const known = globSync('*.ts', { cwd: folder })
      .map((file) => basename(file, '.ts'))
      .filter((name) => name !== 'main')
      .sort();
    console.error(`Usage: ${command} NAME …, with NAME one of ${known.join(', ')}.`);
    process.exit(2);
  }
  for (const name of names) await import(pathToFileURL(fileOf(name)).href);
}
