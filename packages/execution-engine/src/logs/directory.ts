import { chmod, lstat, mkdir } from 'node:fs/promises';
import { existsSync, lstatSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ExecutionError, messageOf, systemErrorCode } from '../errors.ts';

/** `<os tmp>/cloudops-executions`, or the same with `-<uid>` behind it where that belongs to another user. */
export function defaultLogDir(): string {
  const shared = join(tmpdir(), 'cloudops-executions');
  const uid = userId();
  if (uid === null) return shared;
  const found = lstatSync(shared, { throwIfNoEntry: false });
  return found === undefined || found.uid === uid ? shared : `${shared}-${uid}`;
}

/**
 * Makes the directory for logs, and makes sure that nobody else can read or replace what lies in it.
 *
 * @throws ExecutionError `LOG_DIR_UNSAFE` where it is a link, no directory, another user's, or cannot be made or
 * written; `LOG_DISK_FULL`
 */
export async function prepareLogDir(path: string): Promise<void> {
  try {
    await makeFolder(path);
    const found = await lstat(path);
    if (!found.isDirectory()) throw unsafe(path, 'it is a link or no directory');
    const uid = userId();
    if (uid === null) return;
    if (found.uid !== uid) throw unsafe(path, `it belongs to user ${found.uid}`);
    // Someone made it by hand with the usual 0755: ours to close.
    if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
  } catch (error) {
    throw logFailure(path, error);
  }
}

/** Not `recursive`: where the system says ENOENT though the parent is there (`/proc`), Node would try for ever. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    const errno = systemErrorCode(error);
    if (errno === 'EEXIST') return;
    const parent = dirname(path);
    if (errno !== 'ENOENT' || parent === path || existsSync(parent)) throw error;
    await makeFolder(parent);
    await makeFolder(path);
  }
}

/** The typed error for a system error while making or writing logs. */
export function logFailure(path: string, error: unknown): ExecutionError {
  if (ExecutionError.is(error)) return error;
  const errno = systemErrorCode(error);
  const details = { details: { path, errno }, cause: error };
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new ExecutionError('LOG_DISK_FULL', `no space left for the log ${path}`, details);
  }
  if (
    errno === 'EACCES' ||
    errno === 'EPERM' ||
    errno === 'EROFS' ||
    errno === 'ENOTDIR' ||
    errno === 'ENOENT' ||
    errno === 'ELOOP'
  ) {
    return new ExecutionError(
      'LOG_DIR_UNSAFE',
      `cannot write logs to ${path}: ${messageOf(error)}; choose another logDir`,
      details,
    );
  }
  return new ExecutionError(
    'LOG_WRITE_FAILED',
    `cannot write the log ${path}: ${messageOf(error)}`,
    details,
  );
}

function unsafe(path: string, why: string): ExecutionError {
  return new ExecutionError(
    'LOG_DIR_UNSAFE',
    `${path} is not safe for logs: ${why}; choose another logDir`,
    { details: { path } },
  );
}

/** Not of `userInfo()`, which throws for a user without a name: in containers that is the usual one. */
function userId(): number | null {
  return process.getuid?.() ?? null;
}
