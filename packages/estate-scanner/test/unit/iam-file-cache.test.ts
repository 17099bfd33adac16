import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CacheEntry } from '../../src/iam/cache.ts';
import { FilePermissionCache } from '../../src/iam/file-cache.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'permission-cache-'));
  path = join(folder, 'deep', 'cache.ndjson');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const later = Date.now() + 3_600_000;
const entry = (key: string, expiresAtMs = later): CacheEntry => ({
  key,
  decisions: {
    allowed: ['ec2:StartInstances'],
    denied: [],
    conditional: [],
    evaluated_at: '2026-01-01T00:00:00.000Z',
  },
  expiresAtMs,
});
const found = async (cache: FilePermissionCache, ...keys: string[]) =>
  (await cache.get(keys, Date.now())).map((decisions) => decisions !== null);

describe('FilePermissionCache', () => {
  it('outlives its process in a file that its owner alone can read', async () => {
    const cache = new FilePermissionCache(path);
    await cache.set([entry('a'), entry('old', Date.now() - 1)]);
    await cache.setRole('role', 'arn:aws:iam::123456789012:role/path/role', later);
    await cache.flush();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const next = new FilePermissionCache(path);
    expect(await found(next, 'a', 'old', 'b')).toEqual([true, false, false]);
    expect(await next.getRole('role', Date.now())).toContain('/path/');
    expect(await next.getRole('role', later)).toBeNull();
    expect(next.problem).toBeNull();
  });

  it('writes nothing where nothing is new', async () => {
    const cache = new FilePermissionCache(path);
    await cache.get(['a'], 0);
    await cache.flush();
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.each([
    ['cut off', (text: string) => text.slice(0, -10)],
    ['of another version', (text: string) => text.replace('/v1', '/v9')],
    ['not text', () => '\u0000\u0001\u0002'],
    ['something else', (text: string) => `${text}{"key":1}\n`],
    ['empty', () => ''],
  ])('is empty where its file is %s, and says so, and is written anew', async (_what, spoil) => {
    const cache = new FilePermissionCache(path);
    await cache.set([entry('a')]);
    await cache.flush();
    await writeFile(path, spoil(await readFile(path, 'utf8')));
    const next = new FilePermissionCache(path);
    expect(await found(next, 'a')).toEqual([false]);
    expect(next.problem).toContain('was not used');
    await next.set([entry('b')]);
    await next.flush();
    const after = new FilePermissionCache(path);
    expect(await found(after, 'a', 'b')).toEqual([false, true]);
    expect(after.problem).toBeNull();
  });

  it('keeps what another process wrote meanwhile', async () => {
    const [one, two] = [new FilePermissionCache(path), new FilePermissionCache(path)];
    await Promise.all([found(one, 'a'), found(two, 'b')]);
    await one.set([entry('a')]);
    await two.set([entry('b')]);
    await one.flush();
    await two.flush();
    expect(await found(new FilePermissionCache(path), 'a', 'b')).toEqual([true, true]);
  });

  it('says when it cannot be written, and goes on in memory', async () => {
    await writeFile(join(folder, 'deep'), 'a file where a folder should be');
    const cache = new FilePermissionCache(path);
    await cache.set([entry('a')]);
    await cache.flush();
    expect(cache.problem).not.toBeNull();
    expect(await found(cache, 'a')).toEqual([true]);
  });
});
