import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from './run.ts';

const probeFolder = fileURLToPath(new URL('./probe/', import.meta.url));

/** The first executable of that name on a search path, or null. */
export function findProgram(name: string, searchPath: string): string | null {
  for (const folder of searchPath.split(delimiter).filter((entry) => isAbsolute(entry))) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not here: the next folder.
    }
  }
  return null;
}

/**
 * What a program answers when it is started with the probe: a Python program the path of its interpreter,
 * a frozen one its own output. Null where it cannot run (a shim of a version manager without anything behind it).
 */
export async function probeProgram(program: string, searchPath: string): Promise<string | null> {
  const env = { ...process.env, PATH: searchPath, PYTHONPATH: probeFolder };
  const outcome = await runProgram(program, ['--version'], { env, timeoutMs: 30_000 });
  return outcome.code === 0 ? outcome.stdout.trim() : null;
}
