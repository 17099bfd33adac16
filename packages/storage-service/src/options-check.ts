import { checkKeySource } from './encryption/key-source.ts';
import { StorageError } from './errors.ts';

/** Longer than this (24 days) a timer of Node ends at once. */
const maxTimerMs = 2_147_483_647;

/**
 * Checks how storage is to be opened. Not left to the types alone: an options object from JavaScript must not end up without
 * encryption, nor with a store somewhere else.
 *
 * @throws StorageError `INVALID_INPUT` with the path of what is wrong
 */
export function checkStorageOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw invalid('options', 'expected { backend, keys }');
  }
  const { backend, keys, embedder, backup }: Record<string, unknown> = Object(options);
  checkBackend(backend);
  checkKeys(keys);
  if (embedder != null) checkEmbedder(embedder);
  if (backup != null) checkBackup(backup);
}

function checkBackend(backend: unknown): void {
  const { kind, path, url, spawn, documents, busyTimeoutMs }: Record<string, unknown> =
    Object(backend);
  // A backend of the caller's own says its kind too.
  if (typeof kind === 'string' && typeof documents === 'object' && documents !== null) return;
  if (kind === 'embedded' || 'path' in Object(backend)) {
    // SQLite would cut it off there, and open another file.
    if (typeof path !== 'string' || path === '' || path.includes('\0')) {
      throw invalid('backend.path', 'expected the path of a file');
    }
    checkInteger(busyTimeoutMs, 'backend.busyTimeoutMs', 0, maxTimerMs);
    return;
  }
  if (url !== undefined) {
    if (typeof url !== 'string') throw invalid('backend.url', 'expected http(s)://host:port');
    checkQdrant(Object(backend));
    return;
  }
  if (spawn !== undefined) {
    const { binary, storagePath, readyTimeoutMs }: Record<string, unknown> = Object(spawn);
    if (!isPath(binary)) throw invalid('backend.spawn.binary', 'expected a program');
    if (!isPath(storagePath)) throw invalid('backend.spawn.storagePath', 'expected a folder');
    checkInteger(readyTimeoutMs, 'backend.spawn.readyTimeoutMs', 1, maxTimerMs);
    checkQdrant(Object(backend));
    return;
  }
  throw invalid(
    'backend',
    "expected { kind: 'embedded', path }, { kind: 'qdrant', url } or { kind: 'qdrant', spawn }, or a StorageBackend",
  );
}

/** Checked here, since a server would take some of it: a collection of no dimensions, or one that another name is for. */
function checkQdrant(options: Record<string, unknown>): void {
  const { apiKey, collectionPrefix, dimensions, timeoutMs, ...numbers } = options;
  // What cannot be a header; the key itself is in no message.
  if (apiKey != null && !(typeof apiKey === 'string' && /^[\x21-\x7e]*\s*$/u.test(apiKey))) {
    throw invalid('backend.apiKey', 'expected a text of printable ASCII without spaces');
  }
  if (
    collectionPrefix !== undefined &&
    !(typeof collectionPrefix === 'string' && /^[\w.-]{1,200}$/u.test(collectionPrefix))
  ) {
    throw invalid('backend.collectionPrefix', 'expected 1 to 200 of A-Z, a-z, 0-9, _, . and -');
  }
  checkInteger(dimensions, 'backend.dimensions', 8, 8192);
  if (Number(dimensions ?? 8) % 8 !== 0) {
    throw invalid('backend.dimensions', 'expected a multiple of 8');
  }
  checkInteger(timeoutMs, 'backend.timeoutMs', 1, maxTimerMs);
  for (const name of ['replicationFactor', 'writeConsistencyFactor', 'shardNumber']) {
    checkInteger(numbers[name], `backend.${name}`, 1, 65_536);
  }
}

function checkInteger(value: unknown, path: string, min: number, max: number): void {
  if (value === undefined) return;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
  throw invalid(path, `expected an integer from ${min} to ${max}`);
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes('\0');
}

function checkKeys(keys: unknown): void {
  if (Object(keys).kind === 'none') return;
  try {
    checkKeySource(keys, 'keys');
  } catch (cause) {
    const choices = 'osKeychain(), envKey(name), fileKey(path) or noEncryption()';
    throw new StorageError('INVALID_INPUT', `keys: choose ${choices}`, { cause });
  }
}

function checkEmbedder(embedder: unknown): void {
  const { model, dimensions, embed }: Record<string, unknown> = Object(embedder);
  if (typeof model === 'string' && Number.isInteger(dimensions) && typeof embed === 'function')
    return;
  throw invalid('embedder', 'expected { model, dimensions, embed(texts) }');
}

function checkBackup(backup: unknown): void {
  const { target, keys, retention }: Record<string, unknown> = Object(backup);
  const { bucket, path, put }: Record<string, unknown> = Object(target);
  if (!isPath(bucket) && !isPath(path) && typeof put !== 'function') {
    const choices = "{ kind: 's3', bucket }, { kind: 'folder', path }, or a BackupTarget";
    throw invalid('backup.target', `expected ${choices}`);
  }
  if (keys !== undefined) checkKeySource(keys, 'backup.keys');
  for (const [rule, count] of Object.entries(Object(retention))) {
    if (
      count !== undefined &&
      !(typeof count === 'number' && Number.isInteger(count) && count >= 0)
    ) {
      throw invalid(`backup.retention.${rule}`, 'expected an integer of 0 or more');
    }
  }
}

function invalid(path: string, problem: string): StorageError {
  return new StorageError('INVALID_INPUT', `${path}: ${problem}`, { details: { path } });
}
