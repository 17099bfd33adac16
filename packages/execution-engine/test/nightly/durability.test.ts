import { expect, it } from 'vitest';
import { findByCookie } from '../../src/process/cookie.ts';
import { killHost, onceSpoken } from '../durability.ts';

it.each([
  ['keep', false],
  ['kill', false],
  ['keep', true],
] as const)(
  '200 hosts killed at random moments lose no accepted execution (%s, keeper killed as well: %s)',
  async (onHostDeath, alsoKeeper) => {
    const seen = { accepted: 0, completed: 0, interrupted: 0 };
    for (let round = 0; round < 200; round += 1) {
      const lines = Array.from(
        { length: 20 },
        (_, at) => `echo ${at} $PASSWORD; sleep 0.0${at % 10}; echo end; exit ${at}`,
      );
      const options = { onHostDeath, maxConcurrent: 4 };
      const { ids, results } = await killHost(lines, onceSpoken(round % 20), options, alsoKeeper);
      expect(results).toHaveLength(ids.length);
      for (const [at, { error, exit_code, stdout }] of results.entries()) {
        const isInterrupted = error?.code === 'INTERRUPTED';
        const isComplete = exit_code === at && stdout === `${at} ***\nend\n`;
        expect([at, exit_code, stdout, isInterrupted || isComplete].at(-1)).toBe(true);
        seen[isInterrupted ? 'interrupted' : 'completed'] += 1;
      }
      seen.accepted += ids.length;
      expect(findByCookie(new Set(ids))).toEqual([]);
    }
    console.log(onHostDeath, alsoKeeper, seen);
    // Both happened, often: otherwise nothing was shown.
    expect(Math.min(seen.completed, seen.interrupted)).toBeGreaterThan(200);
  },
);
