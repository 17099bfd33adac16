import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

/** A writer program that runs, and what it has had acknowledged so far. */
export interface RunningWriter {
  child: ChildProcess;
  messages: string[];
  keys: string[];
  /** Resolves with the exit code or the signal, once all of its output has been read. */
  ended: Promise<number | NodeJS.Signals | null>;
  errors: () => string;
}

/** Starts `writer.ts` in a process of its own. */
export function runWriter(args: readonly string[]): RunningWriter {
  const program = join(import.meta.dirname, 'writer.ts');
  const child = spawn(process.execPath, ['--conditions=cloudops-source', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const messages: string[] = [];
  const keys: string[] = [];
  let rest = '';
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) (line.startsWith('m ') ? messages : keys).push(line.slice(2));
  });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  return { child, messages, keys, ended, errors: () => errors };
}
