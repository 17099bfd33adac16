import { readdirSync } from 'node:fs';
import { answersSignals, isAlive, processStat } from './identity.ts';
import type { ProcessIdentity } from './identity.ts';

/**
 * Whether the group of `leader` still has a living member. A pid is not given out again while a group bears it, so a
 * *different* process under the leader's pid means that the group is gone.
 */
export function groupIsAlive(leader: ProcessIdentity): boolean {
  // 0 and -1 would mean our own group and everything.
  if (leader.pid <= 1) return false;
  if (process.platform === 'win32') return isAlive(leader);
  if (!answersSignals(-leader.pid)) return false;
  const stat = processStat(leader.pid);
  if (stat !== null && leader.startTime !== null && stat.startTime !== leader.startTime) {
    return false;
  }
  if (process.platform !== 'linux') return true;
  // Zombies answer signals until their parent reaps them, and a slow PID 1 reaps late.
  return isAlive(leader) || groupMembers(leader.pid).length > 0;
}

/** The living members of a process group, by a look at all of `/proc`. Empty where there is no `/proc`. */
export function groupMembers(group: number): number[] {
  return livingProcesses().filter((pid) => {
    const stat = processStat(pid);
    return stat !== null && stat.group === group && stat.state !== 'Z' && stat.state !== 'X';
  });
}

/** Every process id in `/proc`. */
export function livingProcesses(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 0);
  } catch {
    return [];
  }
}

/** Sends a signal to the whole group of `leader`, unless that group is gone. */
export function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!groupIsAlive(leader)) return;
  try {
    process.kill(process.platform === 'win32' ? leader.pid : -leader.pid, signal);
  } catch {
    // It ended between the look and the signal.
  }
}
