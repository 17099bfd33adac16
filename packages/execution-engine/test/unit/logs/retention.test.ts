import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keepYoung } from '../../../src/logs/keep-young.ts';
import { removeOldLogs } from '../../../src/logs/retention.ts';
import type { LogOwner, RetentionPolicy } from '../../../src/logs/retention.ts';
import { temporaryFolder } from '../../engine.ts';

const NOW = Date.UTC(2026, 5, 1);
const HOUR = 3_600_000;
const none: RetentionPolicy = { maxAgeMs: null, maxCount: null, maxBytes: null };

/** Logs `0` to `9` of 1000 bytes each, the first the newest, each a day older than the one before. */
async function tenLogs(): Promise<string> {
  const folder = await temporaryFolder();
  for (let age = 0; age < 10; age += 1) {
    const at = new Date(NOW - age * 24 * HOUR);
    for (const name of [`${age}.log`, `${age}.index`]) {
      await writeFile(join(folder, name), 'x'.repeat(name.endsWith('.log') ? 1000 : 0));
      await utimes(join(folder, name), at, at);
    }
  }
  await writeFile(join(folder, 'notes.txt'), 'not ours');
  return folder;
}

async function left(folder: string): Promise<string> {
  const names = await readdir(folder);
  return names.flatMap((name) => /^(\d)\.log$/u.exec(name)?.[1] ?? []).join('');
}

describe('old logs', () => {
  it.each([
    ['by age', { maxAgeMs: 3.5 * 24 * HOUR }, '0123'],
    ['by count', { maxCount: 4 }, '0123'],
    ['by bytes', { maxBytes: 4500 }, '0123'],
    [
      'by whatever is the strictest',
      { maxAgeMs: 8.5 * 24 * HOUR, maxCount: 6, maxBytes: 2500 },
      '01',
    ],
    ['all of them', { maxCount: 0 }, ''],
    ['none', {}, '0123456789'],
  ])('are removed %s', async (_name, policy, expected) => {
    const folder = await tenLogs();
    const removed = await removeOldLogs(folder, { ...none, ...policy }, () => 'ended', NOW);
    expect(await left(folder)).toBe(expected);
    expect(removed).toHaveLength(10 - expected.length);
    const names = await readdir(folder);
    expect(names.filter((name) => name.endsWith('.index'))).toHaveLength(expected.length);
    expect(names).toContain('notes.txt');
  });

  it('of what runs stay, however old and large, and others make room', async () => {
    const folder = await tenLogs();
    const running = new Set(['9', '5']);
    const ownerOf = (id: string): LogOwner => (running.has(id) ? 'running' : 'ended');
    await removeOldLogs(folder, { maxAgeMs: 0, maxCount: 0, maxBytes: 0 }, ownerOf, NOW + 1);
    expect(await left(folder)).toBe('59');
  });

  it('that nobody here knows stay for an hour: another engine may write them', async () => {
    const folder = await tenLogs();
    await removeOldLogs(folder, { ...none, maxCount: 0 }, () => 'unknown', NOW + HOUR / 2);
    expect(await left(folder)).toBe('0');
  });

  it('from the future, by a clock that was set, are not too old', async () => {
    const folder = await tenLogs();
    await removeOldLogs(folder, { ...none, maxAgeMs: HOUR }, () => 'ended', NOW - 30 * 24 * HOUR);
    expect(await left(folder)).toBe('0123456789');
  });

  it('in a folder that is not there are none', async () => {
    expect(await removeOldLogs('/no/such/folder', { ...none, maxCount: 0 }, () => 'ended')).toEqual(
      [],
    );
  });

  it('of what runs are kept young, so that another engine takes them for such', async () => {
    const folder = await tenLogs();
    const log = join(folder, '9.log');
    const before = (await stat(log)).mtimeMs;
    const missing = { log: join(folder, 'none.log'), index: '' };
    const stop = keepYoung(() => [{ log, index: '' }, missing], 10);
    await expect.poll(async () => (await stat(log)).mtimeMs).toBeGreaterThan(before);
    stop();
    await removeOldLogs(folder, { ...none, maxCount: 0 }, () => 'unknown');
    expect(await left(folder)).toBe('9');
  });
});
