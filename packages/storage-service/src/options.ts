import { backupFromEnv } from './backup/options-from-env.ts';
import type { RetentionPolicy } from './backup/retention.ts';
import type { BackupTarget, FolderTargetConfig, S3TargetConfig } from './backup/target.ts';
import type { StorageBackend } from './backends/backend.ts';
import type { QdrantConfig } from './backends/qdrant/config.ts';
import type { Embedder } from './embedder.ts';
import { envKey } from './encryption/env-key.ts';
import { fileKey } from './encryption/file-key.ts';
import { noEncryption, type KeySource, type NoEncryption } from './encryption/key-source.ts';
import { osKeychain } from './encryption/os-keychain.ts';
import { StorageError } from './errors.ts';

/** One SQLite file: nothing to start. */
export interface EmbeddedBackendConfig {
  kind: 'embedded';
  /** The file, in a folder that exists on a local disk; ':memory:' for tests. */
  path: string;
  /** How long a write waits for other processes; 30 s by default. */
  busyTimeoutMs?: number;
}

/** Where backups go, and how long they stay. */
export interface BackupOptions {
  target: S3TargetConfig | FolderTargetConfig | BackupTarget;
  /** The key source of backups: that of the store by default. */
  keys?: KeySource;
  /** All are kept by default. */
  retention?: RetentionPolicy;
  /** A cron expression in UTC (`0 3 * * *`): run, verify and prune at these times while the storage is open. */
  schedule?: string;
}

/** How storage is opened. */
export interface StorageOptions {
  /** Where the data is: a description, or a backend of your own. */
  backend: EmbeddedBackendConfig | QdrantConfig | StorageBackend;
  /** Where the key is kept: `osKeychain()`, `envKey(name)`, `fileKey(path)` or `noEncryption()`. There is no default. */
  keys: KeySource | NoEncryption;
  /** With it, text is also searched by meaning. The storage does not close it. */
  embedder?: Embedder | null;
  /** Where backups go; without it `storage.backups` is an error. */
  backup?: BackupOptions | null;
}

/**
 * The options that environment variables describe: `CLOUDOPS_STORAGE_PATH`, or `CLOUDOPS_STORAGE_QDRANT_URL` with
 * `CLOUDOPS_STORAGE_QDRANT_API_KEY`; `CLOUDOPS_STORAGE_KEYS` (`keychain`, `env:NAME`, `file:PATH` or `none`), which is required; and
 * for backups `CLOUDOPS_STORAGE_BACKUP_FOLDER` or `CLOUDOPS_STORAGE_BACKUP_BUCKET`, with others that the documentation lists.
 *
 * @throws StorageError `INVALID_INPUT` naming the variable
 */
export function optionsFromEnv(
  environment: Readonly<Record<string, string | undefined>>,
): StorageOptions {
  const backup = backupFromEnv(environment);
  return {
    backend: backendFrom(environment),
    keys: keysFromText(environment['CLOUDOPS_STORAGE_KEYS'] ?? '', environment),
    ...(backup === null ? {} : { backup }),
  };
}

function backendFrom(
  environment: Readonly<Record<string, string | undefined>>,
): StorageOptions['backend'] {
  const path = environment['CLOUDOPS_STORAGE_PATH'];
  const url = environment['CLOUDOPS_STORAGE_QDRANT_URL'];
  if (path && url) {
    throw new StorageError(
      'INVALID_INPUT',
      'CLOUDOPS_STORAGE_PATH and CLOUDOPS_STORAGE_QDRANT_URL: set one of them',
    );
  }
  if (path) return { kind: 'embedded', path };
  if (url) {
    return { kind: 'qdrant', url, apiKey: environment['CLOUDOPS_STORAGE_QDRANT_API_KEY'] ?? null };
  }
  throw new StorageError('INVALID_INPUT', 'CLOUDOPS_STORAGE_PATH: expected the path of a file');
}

function keysFromText(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): KeySource | NoEncryption {
  const [kind, ...rest] = text.split(':');
  const place = rest.join(':');
  if (text === 'keychain') return osKeychain();
  if (text === 'none') return noEncryption();
  if (kind === 'env' && place !== '') return envKey(place, environment);
  if (kind === 'file' && place !== '') return fileKey(place);
  throw new StorageError(
    'INVALID_INPUT',
    'CLOUDOPS_STORAGE_KEYS: expected keychain, env:NAME, file:PATH or none',
  );
}
