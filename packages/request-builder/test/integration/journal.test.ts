import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
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
    const journals = Array.from({ length: 10 }, () => new Journal(path));
    const wins = await Promise.all(journals.map((journal) => journal.useApproval('a', 'd')));
    expect(wins.filter(Boolean)).toHaveLength(1);
    const keys = await Promise.all(journals.map((journal) => journal.keyFor(request)));
    expect(new Set(keys).size).toBe(1);
  });

  it('lets one of several processes win', async () => {
    const path = join(folder, 'processes');
    const source = new URL('../../src/journal.ts', import.meta.url).href;
    const program = `const { Journal } = await import(${JSON.stringify(source)});
      const journal = new Journal(${JSON.stringify(path)});
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
