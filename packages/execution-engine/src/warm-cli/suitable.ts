import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { LaunchSpec } from '../process/launch.ts';

/**
 * More than this may be too much for a process that is started (execve(2): 128 KiB for one argument), and then it has
 * to fail in the system's own words.
 */
const LARGEST_CALL = 128 * 1024;

/** Configuration is kilobytes. */
const LARGEST_CONFIG = 1024 * 1024;

/**
 * What changes the CLI itself: its modules (`[plugins]`), where its descriptions of services come from, which of
 * them it takes, and which of its commands it offers (`[preview]`; a profile may well be called so). Looked for anywhere
 * in the file: a plain process is never wrong.
 */
const CHANGES_THE_CLI = /plugins|data_path|api_versions|^\s*\[preview\]/imu;

/** Limits that mean another thing for a fork of a larger process, or that a server would use up. */
const LIMITS = ['Max cpu time', 'Max data size', 'Max address space'];

/** What the environment may have of variables for Python: others make it say or measure something at its start or end. */
const HARMLESS_PYTHON = new Set([
  'PYTHONDONTWRITEBYTECODE',
  'PYTHONHASHSEED',
  'PYTHONHOME',
  'PYTHONIOENCODING',
  'PYTHONNOUSERSITE',
  'PYTHONPATH',
  'PYTHONSAFEPATH',
  'PYTHONUNBUFFERED',
  'PYTHONUTF8',
]);

/** Why a call needs a process of its own; null where the warm CLI does the same. */
export function unsuitable({ env, args, workingDir }: LaunchSpec): string | null {
  const { HOME: home } = env;
  if (home === undefined || !isAbsolute(home)) return 'HOME is not set';
  for (const name of ['AWS_DATA_PATH', 'BOTOCORE_EXPERIMENTAL__PLUGINS']) {
    if (env[name] !== undefined) return `${name} is set`;
  }
  const python = Object.keys(env).find(
    (name) => name.startsWith('PYTHON') && !HARMLESS_PYTHON.has(name),
  );
  if (python !== undefined) return `${python} is set`;
  const texts = [...args, ...Object.entries(env).flat()];
  if (texts.some((text) => text.includes('\0'))) return 'a NUL character';
  if (texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0) > LARGEST_CALL) {
    return 'its arguments and environment are large';
  }
  for (const name of ['cli/alias', 'models']) {
    const path = join(home, '.aws', name);
    if (statSync(path, { throwIfNoEntry: false }) !== undefined) return `there is ${path}`;
  }
  const config = env.AWS_CONFIG_FILE ?? '~/.aws/config';
  if (config.includes('$')) return 'AWS_CONFIG_FILE holds a variable';
  return configReason(resolve(workingDir, config.replace(/^~(?=\/|$)/u, home)));
}

function configReason(path: string): string | null {
  if (path === '/dev/null') return null;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  if (!found.isFile() || found.size > LARGEST_CONFIG) return `${path} is not a usual file`;
  const identity = `${found.dev}.${found.ino}.${found.mtimeMs}.${found.ctimeMs}.${found.size}`;
  const known = configs.get(path);
  if (known?.identity === identity) return known.reason;
  const text = readFileSync(path, 'latin1');
  const reason = CHANGES_THE_CLI.test(text) ? `${path} changes the CLI itself` : null;
  if (configs.size >= 100) configs.clear();
  configs.set(path, { identity, reason });
  return reason;
}

const configs = new Map<string, { identity: string; reason: string | null }>();

/** Why no CLI can be kept warm on this machine at all, or for now; null where it can. */
export function impossible(): string | null {
  if (process.platform !== 'linux') return `the warm AWS CLI is for Linux, not ${process.platform}`;
  const limits = readFileSync('/proc/self/limits', 'latin1');
  const limited = LIMITS.find((name) => !new RegExp(`^${name} +unlimited`, 'mu').test(limits));
  if (limited !== undefined) return `a limit is set: ${limited}`;
  if (process.availableMemory() < LEAST_MEMORY) return 'memory is short';
  return null;
}

/** A server takes up to 150 MB. */
const LEAST_MEMORY = 400 * 1024 * 1024;

/** What an interpreter and its libraries read once, when they start. */
const READ_AT_START =
  /^(?:PATH|HOME|LANG|LANGUAGE|LOCPATH|(?:LC|PYTHON|_?PYENV|LD|MALLOC|GLIBC|OPENSSL|SSL)_?.*)$/u;

/** The part of an environment that a server must have been started with. */
export function startEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(env).filter((name) => READ_AT_START.test(name));
  return Object.fromEntries(names.toSorted().map((name) => [name, env[name] ?? '']));
}
