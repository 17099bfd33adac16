import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The part of execa that is measured. */
export interface Execa {
  (
    program: string,
    args?: readonly string[],
    options?: object,
  ): PromiseLike<unknown> & AsyncIterable<string>;
}

/** execa, where it is installed; `ENGINE_BENCH_EXECA` may name the file to load. */
export async function loadExeca(): Promise<Execa | null> {
  try {
    const name = process.env.ENGINE_BENCH_EXECA ?? 'execa';
    const loaded: { execa: Execa } = await import(name);
    return loaded.execa;
  } catch {
    return null;
  }
}

/** A process with pipes and nothing else, to its end. */
export async function rawSpawn(program: string, args: readonly string[] = []): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, 'close');
}
