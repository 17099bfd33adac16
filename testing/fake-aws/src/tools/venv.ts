import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FakeAwsError } from '../errors.ts';
import { findProgram } from './locate.ts';
import { type ProgramOutcome, runProgram } from './run.ts';

const installTimeoutMs = 600_000;
const abandonedAfterMs = 3_600_000;

/**
 * A virtual environment with exactly the given requirements, made on first use.
 *
 * It is built in a folder beside its final place and renamed when it is whole, so processes that start at the same
 * time never see half of one; the first to finish wins. The folder's name is a hash of the requirements: a changed
 * pin makes a new one.
 *
 * @param folder holds the environments, e.g. `testing/fake-aws/.venv`
 * @returns the environment's folder
 * @throws FakeAwsError `PYTHON_MISSING`, `VENV_FAILED`, `INSTALL_FAILED`
 */
export async function ensureVenv(
  folder: string,
  requirements: string,
  searchPath: string,
): Promise<string> {
  const hash = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const place = join(folder, hash);
  if (existsSync(place)) return place;

  const python = findProgram('python3', searchPath);
  if (python === null) {
    throw new FakeAwsError(
      'PYTHON_MISSING',
      'python3 is not on the path. Install Python 3.10 or later (Debian: apt-get install python3 python3-venv), ' +
        'or put moto_server and aws on the path.',
    );
  }
  await mkdir(folder, { recursive: true });
  await removeAbandoned(folder);
  const building = join(folder, `${hash}.building-${randomBytes(6).toString('hex')}`);
  try {
    await build(python, building, requirements);
    await pointScriptsAt(building, place);
    await moveIntoPlace(building, place);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return place;
}

async function build(python: string, building: string, requirements: string): Promise<void> {
  const made = await runProgram(python, ['-m', 'venv', building], { timeoutMs: installTimeoutMs });
  if (made.code !== 0) {
    throw new FakeAwsError(
      'VENV_FAILED',
      `python3 -m venv does not work (Debian: apt-get install python3-venv). It said:\n${lastWords(made)}`,
    );
  }
  const list = join(building, 'requirements.txt');
  await writeFile(list, requirements);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', list];
  const installed = await runProgram(join(building, 'bin', 'python'), pip, {
    timeoutMs: installTimeoutMs,
  });
  if (installed.code !== 0) {
    throw new FakeAwsError(
      'INSTALL_FAILED',
      `pip could not install ${requirements.trim().split('\n').join(', ')}. Check that the package index can be ` +
        `reached, or put moto_server and aws on the path. It said:\n${lastWords(installed)}`,
    );
  }
}

/** pip writes the interpreter's absolute path into each script; the folder is about to get another name. */
async function pointScriptsAt(building: string, place: string): Promise<void> {
  const programs = join(building, 'bin');
  for (const entry of await readdir(programs, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(programs, entry.name);
    const text = await readFile(file, 'utf8');
    if (text.startsWith('#!')) await writeFile(file, text.replaceAll(building, place));
  }
}

async function moveIntoPlace(building: string, place: string): Promise<void> {
  try {
    await rename(building, place);
  } catch (error) {
    // A folder is already there: another process was faster, and its environment is the same.
    if (!existsSync(place)) throw error;
  }
}

/** What a killed build left behind. A build that takes an hour is no longer one. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.includes('.building-')) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}

function lastWords(outcome: ProgramOutcome): string {
  return (outcome.failure?.message ?? (outcome.stderr.trim() || outcome.stdout.trim())).slice(
    -2_000,
  );
}
