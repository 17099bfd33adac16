import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../src/main.ts');

/** How a run of the demo ended, and what it wrote. */
export interface DemoRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts the real demo. `onOutput` is told all that it wrote so far, each time it writes. */
export function startDemo(
  args: readonly string[],
  env: Record<string, string> = {},
  onOutput: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<DemoRun> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--conditions=cloudops-source', main, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (signal: NodeJS.Signals) => void child.kill(signal);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    onOutput(stdout, kill);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Processes that carry a text in their environment, zombies left out. Linux only: elsewhere none are found. */
export async function processesWith(text: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const [environ, cmdline, stat] = await Promise.all(['environ', 'cmdline', 'stat'].map(read));
    if (environ?.includes(text) === true && !/\) Z /.test(stat ?? '')) {
      found.push(`${pid} ${cmdline?.replaceAll('\0', ' ') ?? ''}`);
    }
  }
  return found;
}
