import { setTimeout as delay } from 'node:timers/promises';
import { groupIsAlive, groupMembers, signalGroup } from './group.ts';
import type { ProcessIdentity } from './identity.ts';

/** What it took to end a process group. */
export interface Termination {
  /** SIGTERM was not enough. */
  escalated: boolean;
  /** What SIGKILL did not end in time, such as a process in uninterruptible sleep. */
  survivors: number[];
}

/** How often a group that has to end is looked at. */
const POLL_MS = 10;

/** SIGKILL takes effect at once; only a process inside the kernel (state D) outlasts it. */
const KILL_WAIT_MS = 3000;

/** Ends a process group: SIGTERM, and SIGKILL for what is left after the grace period. */
export async function terminateGroup(
  leader: ProcessIdentity,
  graceMs: number,
): Promise<Termination> {
  signalGroup(leader, 'SIGTERM');
  // A stopped process sees SIGTERM only once it goes on.
  signalGroup(leader, 'SIGCONT');
  if (await endsWithin(leader, graceMs)) return { escalated: false, survivors: [] };
  signalGroup(leader, 'SIGKILL');
  if (await endsWithin(leader, KILL_WAIT_MS)) return { escalated: true, survivors: [] };
  return { escalated: true, survivors: groupMembers(leader.pid) };
}

async function endsWithin(leader: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (groupIsAlive(leader)) {
    if (performance.now() >= deadline) return false;
    await delay(Math.min(POLL_MS, Math.max(1, deadline - performance.now())));
  }
  return true;
}
