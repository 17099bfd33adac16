import { expect, it } from 'vitest';
import {
  expiredBackups as expiredAt,
  type RetainedBackup,
  type RetentionPolicy,
} from '../../src/backup/retention.ts';

const expiredBackups = (
  backups: readonly RetainedBackup[],
  policy: RetentionPolicy,
  now = Date.parse('2026-12-31T00:00:00Z'),
) => expiredAt(backups, policy, now);

const at = (created_at: string, verified_at: string | null = null) => ({
  id: created_at,
  created_at,
  verified_at,
});
const days = Array.from({ length: 40 }, (_, day) =>
  at(new Date(Date.UTC(2026, 0, 1 + day, 3)).toISOString()),
);

it('keeps everything without a rule, and nothing by a rule of none', () => {
  expect(expiredBackups(days, {})).toEqual([]);
  expect(expiredBackups(days, { keep_last: 0 }).length).toBe(40);
});

it('keeps the newest of each day, week and month, and the last few', () => {
  const kept = (policy: Parameters<typeof expiredBackups>[1]) => {
    const expired = new Set(expiredBackups(days, policy));
    return days
      .map((day) => day.id)
      .filter((id) => !expired.has(id))
      .map((id) => id.slice(0, 10));
  };
  expect(kept({ keep_last: 2 })).toEqual(['2026-02-08', '2026-02-09']);
  expect(kept({ monthly: 5 })).toEqual(['2026-01-31', '2026-02-09']);
  // Weeks begin on Monday: 2026-02-09 is one.
  expect(kept({ weekly: 3 })).toEqual(['2026-02-01', '2026-02-08', '2026-02-09']);
  expect(kept({ daily: 1, monthly: 2 })).toEqual(['2026-01-31', '2026-02-09']);
});

it('lets a backup from the future push nothing out, nor go', () => {
  const now = Date.parse('2026-02-10T00:00:00Z');
  const wrong = at('2099-01-01T00:00:00.000Z');
  const expired = expiredBackups([...days, wrong], { keep_last: 2 }, now);
  expect(expired).not.toContain(wrong.id);
  expect(expired.length).toBe(38);
  expect(expired).not.toContain(days.at(-1)?.id);
  // A clock set back to 1970 makes everything come from the future: all of it stays.
  expect(expiredBackups(days, { keep_last: 1 }, 0)).toEqual([]);
});

it('counts several of one day once, and never removes the one that was verified last', () => {
  const same = [
    at('2026-01-01T01:00:00.000Z', '2026-03-01T00:00:00Z'),
    at('2026-01-01T02:00:00.000Z'),
  ];
  expect(expiredBackups([...same, at('2026-01-02T00:00:00.000Z')], { daily: 2 })).toEqual([]);
  expect(
    expiredBackups([...same, at('2025-01-01T00:00:00.000Z', '2026-02-01T00:00:00Z')], { daily: 1 }),
  ).toEqual(['2025-01-01T00:00:00.000Z']);
});
