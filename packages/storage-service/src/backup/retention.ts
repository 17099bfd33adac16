/** Which backups to keep: the union of all rules; without any rule, all. */
export interface RetentionPolicy {
  /** The newest so many. */
  keep_last?: number;
  /** The newest of each of so many days, weeks (from Monday) and months with a backup, in UTC. */
  daily?: number;
  weekly?: number;
  monthly?: number;
}

/** What retention needs to know of a backup. */
export interface RetainedBackup {
  id: string;
  created_at: string;
  verified_at: string | null;
}

/** Clocks of several machines may differ by so much. */
const clockToleranceMs = 86_400_000;

/**
 * The ids to remove. The backup that was verified last is never among them, nor is one from the future: it was made while a clock was
 * wrong, and counts for nothing, or it would push out all that were made since.
 */
export function expiredBackups(
  all: readonly RetainedBackup[],
  policy: RetentionPolicy,
  now = Date.now(),
): string[] {
  const backups = all.filter((backup) => Date.parse(backup.created_at) <= now + clockToleranceMs);
  const rules = [
    [policy.keep_last, (backup: RetainedBackup) => backup.id],
    [policy.daily, (backup: RetainedBackup) => backup.created_at.slice(0, 10)],
    [policy.weekly, (backup: RetainedBackup) => weekOf(backup.created_at)],
    [policy.monthly, (backup: RetainedBackup) => backup.created_at.slice(0, 7)],
  ] as const;
  if (rules.every(([count]) => count === undefined)) return [];
  const newestFirst = backups.toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1));
  const kept = new Set<string>();
  for (const [count = 0, bucketOf] of rules) {
    const buckets = new Set<string>();
    for (const backup of newestFirst) {
      const bucket = bucketOf(backup);
      if (buckets.has(bucket) || buckets.size >= count) continue;
      buckets.add(bucket);
      kept.add(backup.id);
    }
  }
  const verified = backups
    .filter((backup) => backup.verified_at !== null)
    .toSorted((a, b) => ((a.verified_at ?? '') < (b.verified_at ?? '') ? 1 : -1));
  if (verified[0] !== undefined) kept.add(verified[0].id);
  return newestFirst.map((backup) => backup.id).filter((id) => !kept.has(id));
}

/** The Monday of the week of a time. */
function weekOf(time: string): string {
  const date = new Date(time);
  const sinceMonday = (date.getUTCDay() + 6) % 7;
  return new Date(date.getTime() - sinceMonday * 86_400_000).toISOString().slice(0, 10);
}
