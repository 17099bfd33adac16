import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Which logs may go; each bound on its own, none by default. */
export interface RetentionPolicy {
  /** Since the last output. */
  maxAgeMs: number | null;
  maxCount: number | null;
  /** Of all logs together. */
  maxBytes: number | null;
}

/** What is known of an execution that a log may belong to. */
export type LogOwner = 'running' | 'ended' | 'unknown';

/** A log that this engine knows nothing of may be written by another one right now: it stays this long at least. */
export const STRANGERS_STAY_MS = 3_600_000;

interface FoundLog {
  id: string;
  bytes: number;
  changedAt: number;
}

/**
 * Removes logs and their indexes: the too old, and then the oldest until count and bytes are within their bounds. What
 * runs is never touched.
 *
 * @returns the ids whose logs were removed
 */
export async function removeOldLogs(
  folder: string,
  policy: RetentionPolicy,
  ownerOf: (id: string) => LogOwner,
  now = Date.now(),
): Promise<string[]> {
  const logs = await findLogs(folder);
  const removed: string[] = [];
  let count = logs.length;
  let bytes = logs.reduce((sum, log) => sum + log.bytes, 0);
  for (const log of logs.sort((a, b) => a.changedAt - b.changedAt)) {
    const ageMs = now - log.changedAt;
    const tooMuch =
      ageMs > (policy.maxAgeMs ?? Number.POSITIVE_INFINITY) ||
      count > (policy.maxCount ?? Number.POSITIVE_INFINITY) ||
      bytes > (policy.maxBytes ?? Number.POSITIVE_INFINITY);
    if (!tooMuch) continue;
    const owner = ownerOf(log.id);
    if (owner === 'running' || (owner === 'unknown' && ageMs < STRANGERS_STAY_MS)) continue;
    await rm(join(folder, `${log.id}.log`), { force: true });
    await rm(join(folder, `${log.id}.index`), { force: true });
    removed.push(log.id);
    count -= 1;
    bytes -= log.bytes;
  }
  return removed;
}

async function findLogs(folder: string): Promise<FoundLog[]> {
  const names = await readdir(folder).catch(() => []);
  const logs: FoundLog[] = [];
  for (const name of names) {
    if (!name.endsWith('.log')) continue;
    const found = await stat(join(folder, name)).catch(() => null);
    if (found === null) continue;
    logs.push({ id: name.slice(0, -'.log'.length), bytes: found.size, changedAt: found.mtimeMs });
  }
  return logs;
}
