import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(env: Record<string, string>) {
  const child = spawn(
    process.execPath,
    ['--conditions=cloudops-source', join(import.meta.dirname, '../../src/main.ts')],
    { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  children.push(child);
  return child;
}

it('is a program: it listens, says where, and ends on SIGINT', async () => {
  const child = start({ CLOUDOPS_SERVER_PORT: '0', CLOUDOPS_SERVER_TOKEN: 'its-token' });
  const [line] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then(([code]) => [`it ended with ${code}`]),
  ]);
  const url = /^Listening on (http:\S+)$/.exec(String(line))?.[1] ?? '';
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('says what to do where the port is taken or is none', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const [value, code] of [
    [String(port), 1],
    ['many', 2],
  ] as const) {
    const child = start({ CLOUDOPS_SERVER_PORT: value });
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    const [exit] = await once(child, 'close');
    expect(exit).toBe(code);
    expect(stderr).toContain('CLOUDOPS_SERVER_PORT');
  }
  taken.close();
});
