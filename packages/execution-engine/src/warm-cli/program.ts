import { execFile } from 'node:child_process';
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { messageOf } from '../errors.ts';

/** The Python program behind `aws`. */
export interface CliProgram {
  /** What is run: the script that pip or the system has put there. */
  script: string;
  interpreter: string;
  /** Options of the interpreter, such as `-s`. */
  flags: readonly string[];
  /** Goes before the call's `PATH`, as a version manager does it; `''` or ends with `:`. */
  searchPathPrefix: string;
  /** Variables that the way from `aws` to the script sets, for a working directory. */
  variables(workingDir: string): Record<string, string>;
  /** Whether it is found by a version manager, which also looks for a `.python-version` around the working directory. */
  shim: boolean;
  /** Whether any file that made it what it is has changed or gone. */
  hasChanged(): boolean;
}

const run = promisify(execFile);

/** Longer than any first line or shim. */
const HEAD_BYTES = 4096;

const PROBE_MS = 10_000;

/** Set by shells, and by Python where the locale is C (PEP 538). */
const HARMLESS = /^(?:PATH|PWD|OLDPWD|SHLVL|_|LC_CTYPE|_?PYENV_\w+)$/u;

/** Those of them that hold the working directory. */
const IS_FOLDER = new Set(['PWD', 'PYENV_DIR']);

/** The whole text of a shim that pyenv writes (pyenv-rehash); what it sets and starts is in the probe's answer. */
const PYENV_SHIM =
  /^#!\/usr\/bin\/env bash\nset -e\n\[ -n "\$PYENV_DEBUG" \] && set -x\n\nprogram="\$\{0##\*\/\}"\n\nexport PYENV_ROOT="(?<root>[^"$`\\]+)"\n(?:SHIM_PATH=\$\{0%\/\*\}\nif \[\[ \$SHIM_PATH != "[^"$`\\]+" \]\]; then\n {2}export _PYENV_SHIM_PATH="\$SHIM_PATH"\nfi\n)?exec "[^"$`\\]+\/pyenv" exec "\$program" "\$@"\n*$/u;

/** `#!/usr/bin/python3 -s`; `-E` and `-I` are missing because the probe could not be heard then. */
const PYTHON_SCRIPT = /^#!\s*(?:\/usr\/bin\/env\s+)?\S*python[\d.]*(?:\s+-[sP]+)?\s*\n/u;

const Probe = z.object({
  executable: z.string().min(1),
  started: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  packages: z.array(z.string()),
});

/** The Python files, which lie beside `src` here and beside `dist` in the published package. */
export const PYTHON_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../python/' : '../python/', import.meta.url),
);

/**
 * Finds out what `aws` is, by starting it once with a module that says so before anything of it runs.
 *
 * @param path the file that is `aws`
 * @param env what the environment of the call has of variables that matter to the start; nothing secret
 * @returns the program, or why it is none that can be kept warm
 */
export async function readProgram(
  path: string,
  env: Readonly<Record<string, string>>,
): Promise<CliProgram | string> {
  try {
    const head = readHead(path);
    const shim = PYENV_SHIM.exec(head);
    if (shim === null && !PYTHON_SCRIPT.test(head)) {
      return `${path} is neither a Python program nor a shim of pyenv`;
    }
    return await ask(path, env, shim?.groups?.root ?? null);
  } catch (error) {
    return `${path} could not be examined: ${messageOf(error)}`;
  }
}

async function ask(
  path: string,
  env: Readonly<Record<string, string>>,
  pyenvRoot: string | null,
): Promise<CliProgram | string> {
  const probe = join(PYTHON_FOLDER, 'probe');
  const asked: Record<string, string> = {
    ...env,
    PYTHONPATH: [probe, env.PYTHONPATH ?? []].flat().join(':'),
    // Nothing is left in the package's folder.
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const options = { cwd: '/', env: asked, timeout: PROBE_MS, killSignal: 'SIGKILL' } as const;
  const { stdout } = await run(path, ['--version'], options);
  const { executable, started, environment, packages } = Probe.parse(JSON.parse(stdout));
  const script = started.at(-2);
  const [folder] = packages;
  if (script === undefined || !isAbsolute(script) || folder === undefined) {
    return `${path} is not the AWS CLI of a Python that tells how it was started`;
  }
  const changed = Object.entries(environment).filter(([name, value]) => asked[name] !== value);
  const strange = changed.find(([name]) => !HARMLESS.test(name));
  const lost = Object.keys(asked).find((name) => environment[name] === undefined);
  const prefix = prefixOf(environment.PATH, env.PATH);
  if (strange !== undefined || lost !== undefined || prefix === null) {
    return `${path} changes the environment (${strange?.[0] ?? lost ?? 'PATH'})`;
  }
  const watched = [
    path,
    script,
    executable,
    realpathSync(executable),
    // A package that is installed or removed changes the time of its folder.
    folder,
    join(folder, 'awscli'),
    join(folder, 'awscli', '__init__.py'),
    join(folder, 'botocore', '__init__.py'),
    ...(pyenvRoot === null ? [] : [join(pyenvRoot, 'version')]),
  ];
  const before = watched.map(fingerprint);
  return {
    script,
    interpreter: executable,
    flags: started.slice(1, -2),
    searchPathPrefix: prefix,
    variables: (workingDir) =>
      Object.fromEntries(
        changed
          .filter(([name]) => name !== 'PATH')
          .map(([name, value]) => [name, IS_FOLDER.has(name) ? workingDir : value]),
      ),
    shim: pyenvRoot !== null,
    hasChanged: () => watched.some((file, index) => fingerprint(file) !== before[index]),
  };
}

function readHead(path: string): string {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    return buffer.toString('utf8', 0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}

function prefixOf(now: string | undefined, before: string | undefined): string | null {
  if (now === before) return '';
  if (now === undefined || before === undefined || !now.endsWith(`:${before}`)) return null;
  return now.slice(0, -before.length);
}

function fingerprint(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? '' : `${found.dev}.${found.ino}.${found.mtimeMs}.${found.size}`;
}

/** Whether a version manager would find a version of its own for this folder. */
export function hasLocalVersion(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    if (statSync(join(at, '.python-version'), { throwIfNoEntry: false }) !== undefined) return true;
    if (at === dirname(at)) return false;
  }
}
