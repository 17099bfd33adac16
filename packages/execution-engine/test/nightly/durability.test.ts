import { expect, it } from 'vitest';
import { killHost } from '../durability.ts';

it.each(['keep', 'kill'] as const)(
  '200 hosts killed at random moments lose no accepted execution (%s)',
  async (onHostDeath) => {
    for (let round = 0; round < 200; round += 1) {
      const lines = Array.from({ length: 20 }, (_, at) => `echo ${at}; sleep 0.0${at % 10}`);
      const { ids, results } = await killHost(lines, 250 + Math.random() * 900, {
        onHostDeath,
        maxConcurrent: 4,
      });
      expect(results).toHaveLength(ids.length);
      for (const [at, result] of results.entries()) {
        const outcome = result.error === null ? result.stdout : result.error.code;
        expect([`${at}\n`, 'INTERRUPTED']).toContain(outcome);
      }
    }
  },
);
