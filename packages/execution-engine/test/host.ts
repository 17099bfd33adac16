import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import type { EngineOptions } from '../src/index.ts';
import { fixture } from './engine.ts';

/** A program of its own that embeds an engine, so that it can be killed. */
export interface Host {
  child: ChildProcess;
  /** The next line that it says, as JSON. */
  next: () => Promise<unknown>;
}

/** Starts a host that runs one shell line. */
export function startHost(line: string, options: EngineOptions): Host {
  return startFixture('host.mjs', line, JSON.stringify(options));
}

/** Starts a fixture that says JSON lines. */
export function startFixture(name: string, ...args: string[]): Host {
  const child = spawn(process.execPath, ['--conditions=cloudops-source', fixture(name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    child,
    next: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error('the host has nothing more to say');
      return JSON.parse(value);
    },
  };
}
