import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startFakeAws } from '../../src/index.ts';
import { findProgram } from '../../src/tools/locate.ts';
import { awsJson } from '../aws-cli.ts';

const scratch = await mkdtemp(join(tmpdir(), 'fake-aws-pinned-'));

it('runs from an environment that it makes itself where nothing is on the path, two at once', async () => {
  const python = findProgram('python3', process.env['PATH'] ?? '');
  if (python === null) throw new Error('python3 is not on the path');
  // The folder of python3 may hold aws and moto_server as well.
  const searchPath = join(scratch, 'bin');
  await mkdir(searchPath);
  await symlink(python, join(searchPath, 'python3'));
  const options = { searchPath, venvFolder: join(scratch, 'venvs') };
  try {
    const [first, second] = await Promise.all([startFakeAws(options), startFakeAws(options)]);
    expect(first.awsBinary.startsWith(scratch)).toBe(true);
    expect(second.awsBinary).toBe(first.awsBinary);
    const summary = await first.seedEstate({ resources: 50, regions: ['eu-west-1'] });
    const query = ['--query', 'length(Reservations[].Instances[])'];
    expect(await awsJson(first, 'ec2', 'describe-instances', ...query)).toBe(
      summary.byType['ec2:instance'],
    );
    await Promise.all([first.close(), second.close()]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
});
