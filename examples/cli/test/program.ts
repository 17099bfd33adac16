import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import type { FakeAws } from 'cloudops-fake-aws';

const main = join(import.meta.dirname, '../src/main.ts');

/** The environment of a program that works on a fake account: its variables, and its AWS CLI first on the path. */
export function environmentOf(aws: FakeAws): Record<string, string> {
  const { PATH = '' } = process.env;
  return { ...aws.env, PATH: [dirname(aws.awsBinary), PATH].join(delimiter) };
}

/** How a run of the program ended, and what it wrote. */
export interface ProgramRun {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A program that runs. */
export interface RunningProgram {
  pid: number;
  /** Waits until what it wrote, to either stream, matches; gives the first group. Rejects where it ended without. */
  match: (pattern: RegExp) => Promise<string>;
  kill: (signal: NodeJS.Signals) => void;
  ended: Promise<ProgramRun>;
}

/** Starts the real program with nothing of this process's AWS configuration. */
export function startProgram(
  args: readonly string[],
  env: Record<string, string>,
  file = main,
): RunningProgram {
  return follow([process.execPath, '--conditions=cloudops-source', file, ...args], env);
}

/** Runs the real program on a pseudo-terminal, and types an answer once its output matches. All that it writes is in `stdout`. */
export function runOnTerminal(
  args: readonly string[],
  env: Record<string, string>,
  terminal: { columns: number; pattern: string; answer: string },
): Promise<ProgramRun> {
  const { columns, pattern, answer } = terminal;
  const program = [process.execPath, '--conditions=cloudops-source', main, ...args];
  const helper = join(import.meta.dirname, 'terminal.py');
  return follow(['python3', helper, String(columns), pattern, answer, ...program], {
    TERM: 'xterm',
    ...env,
  }).ended;
}

function follow(argv: readonly string[], env: Record<string, string>): RunningProgram {
  const { PATH = '', HOME = '' } = process.env;
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let wake = () => {};
  const collect = (text: string, isError: boolean) => {
    if (isError) stderr += text;
    else stdout += text;
    wake();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => collect(text, false));
  child.stderr.setEncoding('utf8').on('data', (text: string) => collect(text, true));
  let isEnded = false;
  const ended = new Promise<ProgramRun>((resolve) => {
    child.on('close', (code, signal) => {
      isEnded = true;
      resolve({ code, signal, stdout, stderr });
      wake();
    });
  });
  return {
    pid: child.pid ?? -1,
    match: async (pattern) => {
      for (;;) {
        const found = pattern.exec(`${stdout}\n${stderr}`);
        if (found !== null) return found[1] ?? found[0];
        if (isEnded) throw new Error(`It ended without ${pattern}:\n${stdout}\n${stderr}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** Runs the real program to its end. */
export function runProgram(
  args: readonly string[],
  env: Record<string, string>,
): Promise<ProgramRun> {
  return startProgram(args, env).ended;
}

/** Processes that carry a text in their environment or arguments, zombies left out (Linux). */
export async function processesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [environ, cmdline, stat] = await Promise.all([
      read('environ'),
      read('cmdline'),
      read('stat'),
    ]);
    const isZombie = /\) Z /.test(stat);
    if (!isZombie && `${environ}\n${cmdline}`.includes(text)) {
      found.push(`${pid} ${cmdline.replaceAll('\0', ' ')}`);
    }
  }
  return found;
}
