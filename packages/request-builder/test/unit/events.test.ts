import { expect, it } from 'vitest';
import { isolated, type BuilderEvent } from '../../src/events.ts';

const event: BuilderEvent = { type: 'warning', code: 'A', message: 'b' };
const mine = new Error('mine');

it.each([
  [
    'throws',
    () => {
      throw mine;
    },
  ],
  [
    'rejects',
    async () => {
      throw mine;
    },
  ],
])('a handler that %s is told of, and harms nobody', async (_, handler) => {
  const seen: unknown[] = [];
  isolated(handler, (error, of) => seen.push(error, of))(event);
  await Promise.resolve();
  await Promise.resolve();
  expect(seen).toEqual([mine, event]);
});

it('a listener that throws itself harms nobody either', () => {
  const call = isolated(
    () => {
      throw mine;
    },
    () => {
      throw new Error('listener');
    },
  );
  expect(() => call(event)).not.toThrow();
});
