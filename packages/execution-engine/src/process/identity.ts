import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Null where the system does not tell: then the pid alone has to do. */
  readonly startTime: string | null;
}

/** The fields of `/proc/PID/stat` that matter here (proc_pid_stat(5)). */
export interface ProcessStat {
  state: string;
  group: number;
  session: number;
  startTime: string;
}

/** What Linux says about a process, or null where there is none, or no `/proc`. */
export function processStat(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The program's name stands in brackets and may hold brackets and blanks itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, , group, session] = fields;
  const startTime = fields[19];
  if (state === undefined || startTime === undefined) return null;
  return { state, group: Number(group), session: Number(session), startTime };
}

/** When a process started, in clock ticks since boot; null where the system does not tell. */
export function startTimeOf(pid: number): string | null {
  return processStat(pid)?.startTime ?? null;
}

/** This process. */
export function ownIdentity(): { pid: number; start_time: string | null } {
  ownStartTime ??= { value: startTimeOf(process.pid) };
  return { pid: process.pid, start_time: ownStartTime.value };
}

let ownStartTime: { value: string | null } | null = null;

/** Whether a process is there and no zombie, and is the one that was meant. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const stat = processStat(pid);
  if (stat !== null) {
    const same = startTime === null || stat.startTime === startTime;
    return same && stat.state !== 'Z' && stat.state !== 'X';
  }
  if (process.platform === 'linux') return false;
  return answersSignals(pid);
}

/** Whether signal 0 finds a target: a pid, or a group as `-pid`. */
export function answersSignals(target: number): boolean {
  try {
    process.kill(target, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, though not ours to signal.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
