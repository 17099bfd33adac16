import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process with pipes and nothing else, to its end. */
export async function rawSpawn(program: string, args: readonly string[] = []): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  child.stdout.resume();
  child.stderr.resume();
  await once(child, 'close');
}
