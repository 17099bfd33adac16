import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, probeProgram } from './locate.ts';
import { ensureVenv } from './venv.ts';

/** Where the programs come from; all of it has defaults. */
export interface ToolOptions {
  /** Where to look for `aws`, `moto_server` and `python3`. Default: `PATH`. */
  searchPath?: string;
  /** Where a virtual environment is made if one of the programs is missing. Default: `.venv` in this package. */
  venvFolder?: string;
}

/** The programs that the fake and its tests run. */
export interface AwsTools {
  /** The AWS CLI, an absolute path. */
  aws: string;
  /** The Python interpreter that can import moto. */
  python: string;
}

const requirementsFile = new URL('./requirements.txt', import.meta.url);
const defaultVenvFolder = fileURLToPath(new URL('../../.venv/', import.meta.url));

/**
 * The AWS CLI and a Python with moto: those on the path, and for what is missing there a virtual environment with
 * pinned versions (`requirements.txt`), made once.
 *
 * @throws FakeAwsError `PYTHON_MISSING`, `VENV_FAILED`, `INSTALL_FAILED`
 */
export async function ensureAwsTools(options: ToolOptions = {}): Promise<AwsTools> {
  const searchPath = options.searchPath ?? process.env['PATH'] ?? '';
  const [aws, python] = await Promise.all([usableAws(searchPath), motoPython(searchPath)]);
  if (aws !== null && python !== null) return { aws, python };

  const requirements = await readFile(requirementsFile, 'utf8');
  const venv = await ensureVenv(options.venvFolder ?? defaultVenvFolder, requirements, searchPath);
  return { aws: aws ?? join(venv, 'bin', 'aws'), python: python ?? join(venv, 'bin', 'python') };
}

async function usableAws(searchPath: string): Promise<string | null> {
  const aws = findProgram('aws', searchPath);
  return aws !== null && (await probeProgram(aws, searchPath)) ? aws : null;
}

async function motoPython(searchPath: string): Promise<string | null> {
  const motoServer = findProgram('moto_server', searchPath);
  if (motoServer === null) return null;
  const interpreter = await probeProgram(motoServer, searchPath);
  return interpreter !== null && isAbsolute(interpreter) ? interpreter : null;
}
