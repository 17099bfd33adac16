import { readFile, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { IDENTITY_FILE } from '../keeper/protocol.ts';
import { isAlive } from './identity.ts';

const Identity = z.object({ pid: z.int(), start_time: z.string().nullable() });

/** A keeper that was just started has not said who it is: its folder is left alone for so long. */
const SETTLED_MS = 60_000;

/**
 * Removes the folders of keepers that are gone: where a host dies after it has stored a result and before it has told
 * the keeper so, nobody comes for them any more.
 *
 * @param parent where the folders lie
 * @param needed executions whose spools and exit records have to stay
 */
export async function removeKeeperRemains(
  parent: string,
  needed: ReadonlySet<string>,
  now = Date.now(),
): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((found) => found.startsWith('keeper-'))) {
    const folder = join(parent, name);
    // What cannot be removed now is tried again by the next engine.
    await removeIfGone(folder, needed, now).catch(() => {});
  }
}

async function removeIfGone(
  folder: string,
  needed: ReadonlySet<string>,
  now: number,
): Promise<void> {
  const found = await stat(folder);
  if (!found.isDirectory() || now - found.mtimeMs < SETTLED_MS) return;
  const names = await readdir(folder);
  // `<execution>.<launch>.spool` and `.exit`.
  if (names.some((name) => needed.has(name.slice(0, name.indexOf('.'))))) return;
  // To connect would take its processes over from the engine that it has.
  if (await isKept(join(folder, IDENTITY_FILE))) return;
  await rm(folder, { recursive: true, force: true });
}

async function isKept(path: string): Promise<boolean> {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return false;
  const { pid, start_time: startTime } = Identity.parse(JSON.parse(text));
  return isAlive({ pid, startTime });
}
