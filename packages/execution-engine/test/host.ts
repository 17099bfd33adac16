import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { EngineOptions } from '../src/index.ts';
import { fixture } from './engine.ts';

const Said = z.object({ id: z.string() });

/** A program of its own that embeds an engine, so that it can be killed. */
export interface Host {
  child: ChildProcess;
  /** The next line that it says, as JSON. */
  next: () => Promise<unknown>;
  /** Every line that begins with an id, to the end of its output. */
  said: AsyncIterable<{ id: string }>;
}

/** Starts a host that runs one shell line, or a command as JSON. */
export function startHost(line: string, options: EngineOptions): Host {
  return startFixture('host.mjs', line, JSON.stringify(options));
}

/** Starts a fixture that says JSON lines. */
export function startFixture(name: string, ...args: string[]): Host {
  const child = spawn(
    process.execPath,
    ['--conditions=cloudops-source', '--expose-gc', fixture(name), ...args],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  async function* said() {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) return;
      yield Said.parse(JSON.parse(value));
    }
  }
  return {
    child,
    said: said(),
    next: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error('the host has nothing more to say');
      return JSON.parse(value);
    },
  };
}
