import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureAwsTools } from '../../src/index.ts';
import { findProgram } from '../../src/tools/locate.ts';
import { ensureVenv } from '../../src/tools/venv.ts';

const run = promisify(execFile);
const path = process.env['PATH'] ?? '';
const files = {
  'hello.py': 'import sys\ndef main():\n    print("hello from", sys.prefix)\n',
  'hello-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: hello\nVersion: 1.0\n',
  'hello-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  'hello-1.0.dist-info/entry_points.txt': '[console_scripts]\nhello = hello:main\n',
  'hello-1.0.dist-info/RECORD': '',
};

let scratch: string;
let wheel: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fake-aws tools-'));
  wheel = join(scratch, 'hello-1.0-py3-none-any.whl');
  const source = join(scratch, 'wheel');
  await mkdir(join(source, 'hello-1.0.dist-info'), { recursive: true });
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(source, name), text)),
  );
  const python = findProgram('python3', path) ?? 'python3';
  const names = ['hello.py', 'hello-1.0.dist-info'];
  await run(python, ['-m', 'zipfile', '-c', wheel, ...names], { cwd: source });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function folderWith(programs: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'bin-'));
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o755);
  }
  return folder;
}

describe('ensureVenv', () => {
  it('makes one environment where several ask at once, and its scripts run', async () => {
    const folder = join(scratch, 'venvs');
    const abandoned = join(folder, 'x.building-1');
    await mkdir(abandoned, { recursive: true });
    await utimes(abandoned, 1, 1);
    const asked = [1, 2].map(() => ensureVenv(folder, `${wheel}\n`, path));
    const [first, second] = await Promise.all(asked);
    expect(second).toBe(first);
    expect(await readdir(folder)).toHaveLength(1);
    const { stdout } = await run(join(first ?? '', 'bin', 'hello'));
    expect(stdout.trim()).toBe(`hello from ${first}`);
  });

  it('leaves nothing behind when pip fails, and says what it said', async () => {
    const folder = join(scratch, 'failing');
    const wrong = join(scratch, 'absent-1.0-py3-none-any.whl');
    await expect(ensureVenv(folder, `${wrong}\n`, path)).rejects.toMatchObject({
      code: 'INSTALL_FAILED',
      message: expect.stringContaining('absent-1.0'),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('says what to install where Python or its venv is missing', async () => {
    await expect(ensureVenv(scratch, '', await folderWith({}))).rejects.toMatchObject({
      code: 'PYTHON_MISSING',
      message: expect.stringContaining('apt-get install python3'),
    });
    const broken = await folderWith({ python3: '#!/bin/sh\necho no ensurepip here >&2\nexit 1\n' });
    await expect(ensureVenv(scratch, '', broken)).rejects.toMatchObject({
      code: 'VENV_FAILED',
      message: expect.stringMatching(/python3-venv.*no ensurepip here/s),
    });
  });
});

describe('ensureAwsTools', () => {
  it('takes the programs on the path where both are there', async (context) => {
    if (findProgram('aws', path) === null || findProgram('moto_server', path) === null) {
      context.skip('aws and moto_server are not on the path of this machine');
    }
    const tools = await ensureAwsTools({ venvFolder: join(scratch, 'unused') });
    expect(tools.aws).toBe(findProgram('aws', path));
    const { stdout } = await run(tools.python, ['-c', 'import moto.server; print("moto")']);
    expect(stdout.trim()).toBe('moto');
  });

  it('does not take a shim without anything behind it for a program, nor go on without aws', async () => {
    const shim = '#!/bin/sh\necho "aws: command not found" >&2\nexit 127\n';
    const searchPath = await folderWith({ aws: shim, moto_server: shim });
    await symlink('/bin/sh', join(searchPath, 'sh'));
    const asked = ensureAwsTools({ searchPath, venvFolder: join(scratch, 'none') });
    await expect(asked).rejects.toMatchObject({ code: 'PYTHON_MISSING' });
  });
});
