import { createHash } from 'node:crypto';
import { z } from 'zod';
import { openBytes, sealBytes } from '../encryption/envelope.ts';
import { keyOrNew } from '../encryption/key-ring.ts';
import type { KeySource } from '../encryption/key-source.ts';
import { EncryptedRing, unwrapDataKeys, wrapDataKey } from '../encryption/ring-document.ts';
import { StorageError } from '../errors.ts';

const format = 'cloudops-storage-backup';
const version = 1;

/** What a backup says of itself; encrypted. */
const ManifestBody = z.object({
  created_at: z.string(),
  store_id: z.string(),
  counts: z.object({ messages: z.int(), resources: z.int() }),
  chunks: z.array(
    z.object({
      name: z.string(),
      bytes: z.int(),
      /** Of the chunk as it is stored, and of what is in it. */
      sha256: z.string(),
      sha256_plain: z.string(),
    }),
  ),
});
export type ManifestBody = z.infer<typeof ManifestBody>;

/** The file that makes chunks a backup: written last. */
const Manifest = z.object({
  format: z.literal(format),
  version: z.literal(version),
  id: z.string(),
  created_at: z.string(),
  /** The data key of this backup, wrapped for the key source and for the recovery keys of the store. */
  keys: EncryptedRing,
  body: z.base64(),
});

/** The name of the manifest of a backup. */
export function manifestName(id: string): string {
  return `${id}/manifest.json`;
}

function bodyContext(id: string) {
  return { collection: 'backup', id, field: 'manifest' };
}

/** Wraps the data key of a new backup. */
export async function wrapBackupKey(
  dataKey: Uint8Array,
  source: KeySource,
  recoveryKeys: readonly string[],
): Promise<EncryptedRing> {
  return {
    encryption: 'xaes-256-gcm',
    active: 1,
    is_rotating: false,
    recovery_keys: [...recoveryKeys],
    keys: [wrapDataKey(1, dataKey, [await keyOrNew(source)], recoveryKeys)],
  };
}

/** The text of a manifest. */
export function writeManifest(
  id: string,
  body: ManifestBody,
  keys: EncryptedRing,
  dataKey: Uint8Array,
): Uint8Array {
  const sealed = sealBytes(Buffer.from(JSON.stringify(body)), dataKey, 1, bodyContext(id));
  const manifest: z.infer<typeof Manifest> = {
    format,
    version,
    id,
    created_at: body.created_at,
    keys,
    body: Buffer.from(sealed).toString('base64'),
  };
  return Buffer.from(JSON.stringify(manifest));
}

/**
 * Opens a manifest.
 *
 * @throws StorageError `BACKUP_DAMAGED`, `KEY_NOT_FOUND`, `KEY_WRONG`
 */
export async function readManifest(
  id: string,
  bytes: Uint8Array,
  source: KeySource,
): Promise<{ body: ManifestBody; dataKey: Uint8Array }> {
  const manifest = parseManifest(id, bytes);
  const key = await source.load();
  if (key === null) {
    throw new StorageError('KEY_NOT_FOUND', `The backup is encrypted: ${source.hint}.`);
  }
  const dataKey = unwrapDataKeys(manifest.keys, key, source).get(manifest.keys.active);
  if (dataKey === undefined) throw damaged(id, 'its key is missing');
  try {
    const plain = openBytes(Buffer.from(manifest.body, 'base64'), dataKey, bodyContext(id));
    return { body: ManifestBody.parse(JSON.parse(plain.toString('utf8'))), dataKey };
  } catch (cause) {
    throw damaged(id, 'its manifest was changed', cause);
  }
}

/** The part of a manifest that needs no key. @throws StorageError `BACKUP_DAMAGED` */
export function parseManifest(id: string, bytes: Uint8Array): z.infer<typeof Manifest> {
  try {
    const manifest = Manifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    if (manifest.id !== id) throw new Error('It belongs to another backup.');
    return manifest;
  } catch (cause) {
    throw damaged(id, 'its manifest cannot be read', cause);
  }
}

/** An error that says which backup, and what of it, is damaged. */
export function damaged(id: string, problem: string, cause?: unknown): StorageError {
  return new StorageError('BACKUP_DAMAGED', `Backup ${id}: ${problem}. Use another backup.`, {
    details: { id },
    cause,
  });
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
