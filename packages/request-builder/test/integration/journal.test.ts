import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Journal } from '../../src/journal.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-journal-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const request = { digest: 'sha256:a', requestId: 'request-1' };

describe('Journal', () => {
  it('gives a request the same key again, also after a restart', async () => {
    const path = join(folder, 'restart', 'journal');
    const key = await new Journal(path).keyFor(request);
    expect(await new Journal(path).keyFor(request)).toBe(key);
    expect(await new Journal(path).keyFor({ ...request, digest: 'sha256:b' })).not.toBe(key);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('has the key on disk when it gives it', async () => {
    const path = join(folder, 'on-disk');
    const key = await new Journal(path).keyFor(request);
    expect(await readFile(path, 'utf8')).toContain(key);
  });

  it('takes an approval once', async () => {
    const path = join(folder, 'approvals');
    const first = new Journal(path);
    const second = new Journal(path);
    expect(await first.useApproval('a1', 'd')).toBe(true);
    expect(await first.useApproval('a1', 'd')).toBe(false);
    expect(await second.useApproval('a1', 'd')).toBe(false);
    expect(await second.useApproval('a2', 'd')).toBe(true);
  });

  it('lets one of many win', async () => {
    const path = join(folder, 'race');
    const journals = Array.from({ length: 10 }, () => new Journal(path, { maxLines: 4 }));
    const wins = await Promise.all(journals.map((journal) => journal.useApproval('a', 'd')));
    expect(wins.filter(Boolean)).toHaveLength(1);
    const keys = await Promise.all(journals.map((journal) => journal.keyFor(request)));
    expect(new Set(keys).size).toBe(1);
  });

  it('lets one of several processes win', async () => {
    const path = join(folder, 'processes');
    const source = new URL('../../src/journal.ts', import.meta.url).href;
    const program = `const { Journal } = await import(${JSON.stringify(source)});
      const journal = new Journal(${JSON.stringify(path)}, { maxLines: 5 });
      let wins = 0;
      for (let n = 0; n < 50; n += 1) if (await journal.useApproval('a' + n, 'd')) wins += 1;
      process.stdout.write(String(wins));`;
    const outputs = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', program]);
        const chunks: Buffer[] = [];
        child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
        await once(child, 'close');
        return Number(Buffer.concat(chunks).toString());
      }),
    );
    expect(outputs.reduce((a, b) => a + b, 0)).toBe(50);
  });

  it('survives half an entry that a crash left', async () => {
    const path = join(folder, 'torn');
    const key = await new Journal(path).keyFor(request);
    await appendFile(path, '{"type":"approval_used","approval_id":"a1"');
    const journal = new Journal(path);
    expect(await journal.useApproval('a1', 'd')).toBe(true);
    expect(await new Journal(path).useApproval('a1', 'd')).toBe(false);
    expect(await new Journal(path).keyFor(request)).toBe(key);
  });

  it('stays small: files whose entries are out of date are removed, and what counts is kept', async () => {
    const path = join(folder, 'bounded', 'journal');
    let now = Date.now();
    const journal = new Journal(path, { maxLines: 5, now: () => now });
    const later = new Date(now + 60 * 86_400_000).toISOString();
    expect(await journal.useApproval('long', 'd', later)).toBe(true);
    for (let n = 0; n < 80; n += 1) {
      now += 3 * 3_600_000;
      await journal.keyFor({ digest: `sha256:${n}`, requestId: `r${n}` });
    }
    const files = await readdir(join(folder, 'bounded'));
    // A week of one entry in three hours is 12 files of five; the first is kept for the approval.
    expect(files.length).toBeLessThan(16);
    expect(files).toContain('journal');
    const last = await journal.keyFor({ digest: 'sha256:79', requestId: 'r79' });
    const again = new Journal(path, { maxLines: 5, now: () => now });
    expect(await again.keyFor({ digest: 'sha256:79', requestId: 'r79' })).toBe(last);
    expect(await again.useApproval('long', 'd', later)).toBe(false);
    now += 100 * 86_400_000;
    for (let n = 0; n < 12; n += 1) await again.keyFor({ digest: `new:${n}`, requestId: 'r' });
    expect((await readdir(join(folder, 'bounded'))).length).toBeLessThan(6);
    // The first one slept through all of that.
    expect(await journal.keyFor({ digest: 'new:11', requestId: 'r' })).toBe(
      await again.keyFor({ digest: 'new:11', requestId: 'r' }),
    );
  });

  it('gives a request that is older than a week a new key', async () => {
    let now = Date.now();
    const journal = new Journal(join(folder, 'old'), { now: () => now });
    const key = await journal.keyFor(request);
    now += 6 * 86_400_000;
    expect(await journal.keyFor(request)).toBe(key);
    now += 2 * 86_400_000;
    const fresh = await journal.keyFor(request);
    expect(fresh).not.toBe(key);
    expect(await new Journal(join(folder, 'old'), { now: () => now }).keyFor(request)).toBe(fresh);
  });

  it('is whole again after any crash: cut off at any byte, it never gives two keys or takes an approval twice', async () => {
    const path = join(folder, 'cut');
    await new Journal(path).keyFor(request);
    await new Journal(path).useApproval('a1', 'd');
    const bytes = await readFile(path);
    for (let length = 0; length <= bytes.length; length += 23) {
      await writeFile(path, bytes.subarray(0, length));
      const key = await new Journal(path).keyFor(request);
      expect(await new Journal(path).keyFor(request)).toBe(key);
      await new Journal(path).useApproval('a1', 'd');
      expect(await new Journal(path).useApproval('a1', 'd')).toBe(false);
    }
  });

  it('takes what is no entry for nothing', async () => {
    const path = join(folder, 'noise');
    await writeFile(path, `nonsense\n{"type":"x"}\n\u0000\n${'['.repeat(10_000)}\n`);
    const key = await new Journal(path).keyFor(request);
    expect(await new Journal(path).keyFor(request)).toBe(key);
  });

  it('fails with JOURNAL_FAILED where it cannot write', async () => {
    const path = join(folder, 'restart', 'journal', 'below-a-file');
    await expect(new Journal(path).keyFor(request)).rejects.toMatchObject({
      code: 'JOURNAL_FAILED',
    });
  });

  it('works in memory without a path', async () => {
    const journal = new Journal(null);
    expect(await journal.keyFor(request)).toBe(await journal.keyFor(request));
    expect(await journal.useApproval('a', 'd')).toBe(true);
    expect(await journal.useApproval('a', 'd')).toBe(false);
  });
});
