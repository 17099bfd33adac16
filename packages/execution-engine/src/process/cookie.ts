import { readFileSync } from 'node:fs';
import { livingProcesses } from './group.ts';
import { processStat } from './identity.ts';
import type { ProcessIdentity } from './identity.ts';

/**
 * The variables that mark every process of an execution with its id and that of its engine, so that one which left the
 * process group can still be found. They do not find a process that was started with an emptied environment.
 */
export const COOKIE_VARIABLES = {
  execution: 'CLOUDOPS_EXECUTION_ID',
  engine: 'CLOUDOPS_ENGINE_ID',
} as const;

const COOKIE = new RegExp(
  `(?:^|\\0)(?:${Object.values(COOKIE_VARIABLES).join('|')})=([^\\0]*)`,
  'gu',
);

/** The living processes that bear one of these ids, of executions or engines. Linux only; empty elsewhere. */
export function findByCookie(ids: ReadonlySet<string>): ProcessIdentity[] {
  if (process.platform !== 'linux' || ids.size === 0) return [];
  const found: ProcessIdentity[] = [];
  for (const pid of livingProcesses()) {
    if (pid === process.pid || !bearsCookie(pid, ids)) continue;
    const stat = processStat(pid);
    if (stat === null || stat.state === 'Z' || stat.state === 'X') continue;
    found.push({ pid, startTime: stat.startTime });
  }
  return found;
}

function bearsCookie(pid: number, ids: ReadonlySet<string>): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    return [...environment.matchAll(COOKIE)].some(([, id]) => id !== undefined && ids.has(id));
  } catch {
    // Another user's, or it just ended.
    return false;
  }
}
