import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const program = join(import.meta.dirname, '../programs/qdrant-program.ts');
const serve = `exec '${process.execPath}' '${program}'`;

/** A program that stands in for `qdrant`, in the place of the real one. */
async function script(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\necho $$ >> '${path}.pids'\n${text}\n`, { mode: 0o755 });
  return path;
}

async function pidsOf(binary: string): Promise<number[]> {
  return (await readFile(`${binary}.pids`, 'utf8')).trim().split('\n').map(Number);
}

/** Zombies have ended: who reaps them is not ours. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] /u.test(stat);
}

const open = (binary: string, storagePath: string, readyTimeoutMs = 30_000) =>
  StorageService.open({
    backend: { kind: 'qdrant', spawn: { binary, storagePath, readyTimeoutMs } },
    keys: noEncryption(),
  });

it('starts a Qdrant of its own, once per folder, and ends it', async () => {
  const binary = await script('qdrant', serve);
  const storagePath = join(folder, 'spawned data');
  const storage = await open(relative('.', binary), relative('.', storagePath));
  await storage.chat.append({ conversation_id: 'c', role: 'user', content: 'hello' });
  const [pid = 0] = await pidsOf(binary);
  expect(await isRunning(pid)).toBe(true);
  await expect(open(binary, storagePath)).rejects.toMatchObject({ code: 'STORE_BUSY' });
  await storage.close();
  expect(await isRunning(pid)).toBe(false);
  expect((await pidsOf(binary)).length).toBe(1);
  await (await open(binary, storagePath)).close();
});

it('says why it could not start one, and leaves none behind', async () => {
  const storagePath = join(folder, 'failing');
  await writeFile(join(folder, 'text'), 'no program');
  for (const [binary, problem] of [
    ['/nonexistent/qdrant', 'not found'],
    ['qdrant-that-is-nowhere', 'not found'],
    [join(folder, 'text'), 'ermission denied'],
    [await script('dying', 'echo "bad configuration" >&2; exit 3'), 'bad configuration'],
    [await script('silent', 'exec sleep 1000'), 'not ready in time'],
  ] as const) {
    await expect(open(binary, storagePath, 1000)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(problem),
    });
  }
  for (const pid of await pidsOf(join(folder, 'silent'))) expect(await isRunning(pid)).toBe(false);
  await mkdir(join(folder, 'x'));
  await writeFile(join(folder, 'x', 'file'), '');
  await expect(open('qdrant', join(folder, 'x', 'file', 'below'))).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
});

it('tries another port where someone was quicker', async () => {
  const binary = await script(
    'unlucky',
    `[ -e '${folder}/tried' ] && ${serve}\ntouch '${folder}/tried'\necho "Address already in use (os error 98)" >&2; exit 1`,
  );
  const storage = await open(binary, join(folder, 'unlucky-data'));
  expect((await pidsOf(binary)).length).toBe(2);
  await storage.close();
});

it('ends it with the process, however that dies', async () => {
  const binary = await script('orphan', serve);
  const storagePath = join(folder, 'orphan-data');
  const host = join(import.meta.dirname, '../programs/qdrant-host.ts');
  const child = spawn(
    process.execPath,
    ['--conditions=cloudops-source', host, binary, storagePath],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(join(storagePath, 'cloudops.lock'))).toBe(true);
  // Waits for the one that is ending, and takes over.
  const storage = await open(binary, storagePath);
  const [first = 0] = await pidsOf(binary);
  expect(await isRunning(first)).toBe(false);
  await storage.close();
  for (let waited = 0; waited < 100; waited += 1) {
    if (!(await isRunning(first))) return;
    await delay(100);
  }
  throw new Error('The server outlived its owner.');
});
