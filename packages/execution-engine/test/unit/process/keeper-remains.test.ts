import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ownIdentity } from '../../../src/process/identity.ts';
import { removeKeeperRemains } from '../../../src/process/keeper-remains.ts';
import { temporaryFolder } from '../../engine.ts';

/** Above the highest pid that Linux gives out. */
const GONE = { pid: 2 ** 22 + 1, start_time: '1' };

/** The folder of a keeper, last changed an hour ago. */
async function keeperFolder(
  parent: string,
  name: string,
  identity: object | null,
  files: readonly string[],
): Promise<void> {
  const folder = join(parent, name);
  await mkdir(folder);
  for (const file of files) await writeFile(join(folder, file), '');
  if (identity !== null) await writeFile(join(folder, 'keeper.json'), JSON.stringify(identity));
  const before = new Date(Date.now() - 3_600_000);
  await utimes(folder, before, before);
}

it('what a keeper left goes when the keeper is gone and nobody needs it, and no sooner', async () => {
  const parent = await temporaryFolder();
  const [needed, stored] = [crypto.randomUUID(), crypto.randomUUID()];
  const remains = [`${stored}.1.exit`, `${stored}.1.spool`];
  await keeperFolder(parent, 'keeper-gone', GONE, remains);
  await keeperFolder(parent, 'keeper-never-ready', null, []);
  await keeperFolder(parent, 'keeper-alive', ownIdentity(), remains);
  await keeperFolder(parent, 'keeper-needed', GONE, [`${needed}.2.spool`]);
  await keeperFolder(parent, 'something else', GONE, remains);
  await mkdir(join(parent, 'keeper-starting'));

  await removeKeeperRemains(parent, new Set([needed]));
  expect((await readdir(parent)).sort()).toEqual([
    'keeper-alive',
    'keeper-needed',
    'keeper-starting',
    'something else',
  ]);
  await removeKeeperRemains(join(parent, 'not there'), new Set());
});
