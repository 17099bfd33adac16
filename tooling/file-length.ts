import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, sourceFiles } from './source-files.ts';

/** Lines past which a file is more than one idea. */
const LIMIT = 300;
/** Lines past which a file is worth a second look. */
const LOOK_AGAIN = 200;

/** Problems (over the limit) and notes (worth another look), one line each. */
export function checkFileLength(): { problems: string[]; notes: string[] } {
  const problems: string[] = [];
  const notes: string[] = [];
  for (const file of sourceFiles()) {
    const lines = readFileSync(join(root, file), 'utf8').split('\n').length - 1;
    if (lines > LIMIT)
      problems.push(`${file} has ${lines} lines; ${LIMIT} is the limit: split it by idea`);
    else if (lines > LOOK_AGAIN) notes.push(`${file} has ${lines} lines: is it one idea?`);
  }
  return { problems, notes };
}
