import { randomUUID } from 'node:crypto';
import { link, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../errors.ts';
import { isAlive, ownIdentity } from '../process/identity.ts';
import { Owner } from './record.ts';

const SUFFIX = '.claim';

/**
 * Claims a record of a dead host, so that two engines that start at the same time never take over the same process.
 *
 * The right to follow an owner is a file named after both, which only one process can make. Where that process died as
 * well before it was done, the right to follow *it* is another such file: nothing is ever taken away from anyone, and
 * so there is no moment at which two could have it.
 *
 * @returns whether this process has it now
 */
export async function claimFrom(folder: string, id: string, owner: Owner): Promise<boolean> {
  for (let before = owner; ;) {
    const path = join(folder, `${id}.${before.pid}-${before.start_time ?? ''}${SUFFIX}`);
    if (await make(path)) return true;
    const holder = await read(path);
    // Gone already: whoever had it is done.
    if (holder === null || isAlive({ pid: holder.pid, startTime: holder.start_time })) return false;
    before = holder;
  }
}

/** Removes the claims of a record: it names its owner itself now. */
export async function dropClaims(folder: string, id: string): Promise<void> {
  const names = await readdir(folder);
  const claims = names.filter((name) => name.startsWith(`${id}.`) && name.endsWith(SUFFIX));
  await Promise.all(claims.map((name) => rm(join(folder, name), { force: true })));
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
