import { setTimeout as delay } from 'node:timers/promises';
import { findByCookie } from './cookie.ts';
import { groupIsAlive, groupMembers, signalGroup } from './group.ts';
import { isAlive } from './identity.ts';
import type { ProcessIdentity } from './identity.ts';

/** What it took to end processes. */
export interface Termination {
  /** SIGTERM was not enough. */
  escalated: boolean;
  /** What SIGKILL did not end in time, such as a process in uninterruptible sleep. */
  survivors: number[];
}

/** What is to end: process groups, and whoever left them but bears one of these ids. */
export interface TerminationTarget {
  cookies: ReadonlySet<string>;
  leaders: readonly ProcessIdentity[];
}

/** How often something that has to end is looked at. */
const POLL_MS = 10;

/** SIGKILL takes effect at once; only a process inside the kernel (state D) outlasts it. */
const KILL_WAIT_MS = 3000;

/** Ends processes: SIGTERM, and SIGKILL for what is left after the grace period. */
export async function terminate(target: TerminationTarget, graceMs: number): Promise<Termination> {
  let escapees = signalAll(target, 'SIGTERM');
  // A stopped process sees SIGTERM only once it goes on.
  for (const leader of target.leaders) signalGroup(leader, 'SIGCONT');
  const gone = await goneWithin(target.leaders, escapees, graceMs);
  if (gone && findByCookie(target.cookies).length === 0) {
    return { escalated: false, survivors: [] };
  }
  const deadline = performance.now() + KILL_WAIT_MS;
  do {
    // Again and again: what is being killed may have forked meanwhile.
    escapees = signalAll(target, 'SIGKILL');
    await goneWithin(target.leaders, escapees, 100);
  } while (isAnyAlive(target, escapees) && performance.now() < deadline);
  return { escalated: true, survivors: survivorsOf(target) };
}

function signalAll(target: TerminationTarget, signal: NodeJS.Signals): ProcessIdentity[] {
  for (const leader of target.leaders) signalGroup(leader, signal);
  const escapees = findByCookie(target.cookies);
  for (const escapee of escapees) {
    try {
      if (isAlive(escapee)) process.kill(escapee.pid, signal);
    } catch {
      // It ended between the look and the signal.
    }
  }
  return escapees;
}

function isAnyAlive(target: TerminationTarget, escapees: readonly ProcessIdentity[]): boolean {
  return (
    target.leaders.some(groupIsAlive) ||
    escapees.some(isAlive) ||
    findByCookie(target.cookies).length > 0
  );
}

function survivorsOf({ cookies, leaders }: TerminationTarget): number[] {
  const members = leaders.filter(groupIsAlive).flatMap(({ pid }) => groupMembers(pid));
  const escapees = findByCookie(cookies).map(({ pid }) => pid);
  return [...new Set([...members, ...escapees])];
}

async function goneWithin(
  leaders: readonly ProcessIdentity[],
  escapees: readonly ProcessIdentity[],
  milliseconds: number,
): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  let pauseMs = POLL_MS;
  while (leaders.some(groupIsAlive) || escapees.some(isAlive)) {
    const leftMs = deadline - performance.now();
    if (leftMs <= 0) return false;
    await delay(Math.max(1, Math.min(pauseMs, leftMs)));
    // A look at a group walks through all of /proc: rarer, the longer it takes.
    pauseMs = Math.min(pauseMs * 1.5, 100);
  }
  return true;
}
