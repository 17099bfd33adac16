import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The file that a name stands for in a search path, or null.
 *
 * Needed where the child's own environment has no `PATH`: the system would then look into a built-in path, and find
 * another program than the host does, or none.
 */
export function findProgram(name: string, searchPath: string): string | null {
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder === '' ? '.' : folder, name);
    if (isExecutable(path)) return path;
  }
  return null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
