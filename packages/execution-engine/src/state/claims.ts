import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../errors.ts';
import { isAlive, ownIdentity } from '../process/identity.ts';
import { Owner } from './record.ts';

/**
 * Claims what a dead host has left, so that of engines that come at the same time one takes over all of it: its
 * processes answer to one host only.
 *
 * The right to follow a host is a file named after it, which only one process can make. Where that process died as well
 * before it was done, the right to follow *it* is another such file: nothing is ever taken away from anyone, and so
 * there is no moment at which two could have it.
 *
 * @returns gives it back, once the records name their new owner; null where another one has it
 */
export async function claimFrom(
  folder: string,
  owner: Owner,
): Promise<(() => Promise<void>) | null> {
  const chain: string[] = [];
  for (let before = owner; ;) {
    const path = join(folder, `${before.pid}-${before.start_time ?? ''}.claim`);
    chain.push(path);
    if (await make(path)) {
      return async () => {
        // Of the first owner first: whoever finds a claim gone must find the records renamed.
        for (const claim of chain) await rm(claim, { force: true });
      };
    }
    const holder = await read(path);
    // Gone already: whoever had it is done.
    if (holder === null || isAlive({ pid: holder.pid, startTime: holder.start_time })) return null;
    before = holder;
  }
}

/** By link, so that the file appears with its content: an empty one would name nobody. */
async function make(path: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(ownIdentity()), { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function read(path: string): Promise<Owner | null> {
  try {
    return Owner.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}
