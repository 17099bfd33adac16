import { expect, it } from 'vitest';
import { isoTime } from '../../src/plugin.ts';

it.each([
  ['2026-01-02T03:04:05+01:00', '2026-01-02T02:04:05.000Z'],
  [1767323045.5, '2026-01-02T03:04:05.500Z'],
  [1767323045500, '2026-01-02T03:04:05.500Z'],
  [null, null],
  [undefined, null],
  ['yesterday', null],
  [true, null],
])('reads the time %j', (value, time) => {
  expect(isoTime(value)).toBe(time);
});
