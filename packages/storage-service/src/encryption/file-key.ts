import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { StorageError } from '../errors.ts';
import { placeFile } from '../place-file.ts';
import { decodeKey, encodeKey, newKey, type KeySource } from './key-source.ts';

/**
 * A key in a file that only its owner may read (mode 0600). Made on first use of a new store; keep it apart from the store.
 *
 * Its `load` throws StorageError `KEY_FILE_INSECURE` when others may read the file, `KEY_INVALID` when it holds no key.
 */
export function fileKey(path: string): KeySource {
  return {
    kind: 'file',
    hint: `put the key file back at ${path}`,
    load: () => readKeyFile(path),
    create: async () => {
      await writeKeyFile(path, encodeKey(newKey()));
      const kept = await readKeyFile(path);
      if (kept === null) throw new StorageError('KEY_NOT_FOUND', `${path} vanished.`);
      return kept;
    },
  };
}

async function readKeyFile(path: string): Promise<Uint8Array | null> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new StorageError(
        'KEY_FILE_INSECURE',
        `${path} can be read by others: chmod 600 it, and consider the key known.`,
      );
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    if (StorageError.is(error)) throw error;
    throw new StorageError('KEY_NOT_FOUND', `${path} cannot be read.`, { cause: error });
  }
  return decodeKey(text, path);
}

/** Writes a file that is there whole or not at all; one that is already there stays. */
async function writeKeyFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomUUID()}`;
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // The key of whoever was quicker stays.
    await placeFile(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}
