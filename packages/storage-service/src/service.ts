import type { Readable, Writable } from 'node:stream';
import type { BackendStats, DocumentStore, StorageBackend } from './backends/backend.ts';
import { EmbeddedBackend } from './backends/embedded/embedded-backend.ts';
import { BackupCollection } from './backup/backups.ts';
import { BackupScheduler, type BackupScheduleStatus } from './backup/scheduler.ts';
import { FolderTarget } from './backup/folder-target.ts';
import type { BackupTarget } from './backup/target.ts';
import { ChatCollection } from './chat.ts';
import { EmbeddingGuard } from './embedding-guard.ts';
import { openKeyRing, type KeyRing } from './encryption/key-ring.ts';
import {
  createRecoveryKey,
  rotateKey,
  type RotateKeyOptions,
  type RotateKeyResult,
} from './encryption/rotation.ts';
import { sealerOf, type Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import { nextTurn } from './in-turns.ts';
import { EstateCollection } from './estate.ts';
import { checkHealth, type StorageHealth } from './health.ts';
import { checkIntegrity, type IntegrityOptions, type IntegrityReport } from './integrity.ts';
import { checkStorageOptions } from './options-check.ts';
import type { StorageOptions } from './options.ts';
import { exportLines } from './portable/export.ts';
import { importLines, type ImportOptions } from './portable/import.ts';
import type { PortableCounts } from './portable/lines.ts';
import { migrateStore } from './portable/migrate.ts';
import { readNdjson, writeNdjson } from './portable/ndjson.ts';
import { oneAhead } from './portable/one-ahead.ts';
import { parseOptions } from './validation.ts';

/** What a service is made of. */
interface Parts {
  backend: StorageBackend;
  ring: KeyRing | null;
  sealer: Sealer;
  guard: EmbeddingGuard;
  backups: BackupCollection<StorageService> | null;
  scheduler: BackupScheduler | null;
}

/** Chat history and the estate in one place. */
export class StorageService implements AsyncDisposable {
  /** Conversations and their messages. */
  readonly chat: ChatCollection;
  /** Resources. */
  readonly estate: EstateCollection;
  readonly #parts: Parts;

  private constructor(parts: Parts, chat: ChatCollection, estate: EstateCollection) {
    this.#parts = parts;
    this.chat = chat;
    this.estate = estate;
  }

  /**
   * Opens storage; makes it where there is none.
   *
   * @throws StorageError `STORE_UNAVAILABLE`, `ACCESS_DENIED`, `STORE_TOO_NEW`, `STORE_TOO_OLD`, `STORE_CORRUPT`, `STORE_BUSY`, `KEY_NOT_FOUND`, `KEY_WRONG`,
   * `KEY_INVALID`, `KEY_FILE_INSECURE`, `KEYCHAIN_UNAVAILABLE`, `ENCRYPTION_MISMATCH`, `EMBEDDING_MISMATCH`, `INVALID_INPUT`
   */
  static async open(options: StorageOptions): Promise<StorageService> {
    checkStorageOptions(options);
    const backend = await openBackend(options.backend);
    try {
      const ring = await openKeyRing(backend.documents, options.keys);
      const sealer = sealerOf(ring);
      const guard = new EmbeddingGuard(backend.documents);
      const embedder = options.embedder ?? null;
      if (embedder !== null) await guard.checkEmbedder(embedder);
      return new StorageService(
        {
          backend,
          ring,
          sealer,
          guard,
          ...(await openBackups(options, {
            backend,
            ring,
            sealer,
            documentsOf: (storage) => storage.#parts.backend.documents,
          })),
        },
        new ChatCollection(backend.chat, sealer),
        new EstateCollection({ backend: backend.estate, sealer, guard, embedder }),
      );
    } catch (error) {
      await backend.close();
      throw error;
    }
  }

  /**
   * Backups of this store.
   *
   * @throws StorageError `INVALID_INPUT` when the store was opened without `backup`
   */
  get backups(): BackupCollection<StorageService> {
    if (this.#parts.backups !== null) return this.#parts.backups;
    throw new StorageError('INVALID_INPUT', 'Open the storage with `backup: { target }` first.');
  }

  /** How the backup schedule is doing; null without one. */
  backupSchedule(): BackupScheduleStatus | null {
    return this.#parts.scheduler?.status() ?? null;
  }

  /** Whether the store answers, and how it is set up; does not throw because it fails. */
  health(): Promise<StorageHealth> {
    const { backend, ring, guard } = this.#parts;
    return checkHealth(backend, ring, () => guard.known());
  }

  /** How much is stored. */
  stats(): Promise<BackendStats> {
    return this.#parts.backend.maintenance.stats();
  }

  /**
   * Checks the structure of the store, then opens every message and resource; what cannot be read is named in the report.
   *
   * @throws StorageError `ABORTED`, `CLOSED`
   */
  integrityCheck(options: IntegrityOptions = {}): Promise<IntegrityReport> {
    return checkIntegrity(this.#parts.backend, this.#parts.sealer, options);
  }

  /** Gives the disk back what removed data took; writes wait meanwhile, searches do not. */
  async compact(): Promise<{ bytes_before: number | null; bytes_after: number | null }> {
    const before = await this.stats();
    await this.#parts.backend.maintenance.compact();
    const after = await this.stats();
    return { bytes_before: before.bytes, bytes_after: after.bytes };
  }

  /**
   * Makes a new data key and encrypts everything anew; with `keys` also moves to another key source. After an interruption both
   * sources open the store, and the next call goes on. Other processes keep working; those that have the store open with a
   * source that was given up must open it again.
   *
   * @throws StorageError `ENCRYPTION_MISMATCH` (a store without encryption), `KEY_NOT_FOUND`, `ABORTED`, …
   */
  async rotateKey(options: RotateKeyOptions = {}): Promise<RotateKeyResult> {
    return rotateKey(this.#encrypted(), this.#parts.backend.sealed, options);
  }

  /**
   * Makes a key that opens the store, through `recoveryKey(text)`, when its own is lost. It is nowhere but in the result.
   *
   * @throws StorageError `ENCRYPTION_MISMATCH` (a store without encryption)
   */
  async createRecoveryKey(): Promise<string> {
    return createRecoveryKey(this.#encrypted());
  }

  #encrypted(): KeyRing {
    if (this.#parts.ring !== null) return this.#parts.ring;
    throw new StorageError('ENCRYPTION_MISMATCH', 'The store has no encryption: it has no keys.');
  }

  /**
   * Writes everything as NDJSON, **in clear**, at the pace of the stream, which stays open. It is no snapshot: what is written
   * meanwhile may or may not be in it.
   *
   * @throws StorageError `DECRYPTION_FAILED` naming what cannot be read; the error of the stream
   */
  async exportTo(stream: Writable): Promise<void> {
    if (typeof Object(stream).write !== 'function') {
      throw new StorageError('INVALID_INPUT', 'exportTo: expected a writable stream');
    }
    await writeNdjson(exportLines(this.#parts.backend, this.#parts.sealer), stream);
  }

  /**
   * Takes in what `exportTo` wrote. Messages keep id and time; resources that are there and were seen later stay. The same
   * import again changes nothing.
   *
   * @returns how many messages and resources were read
   * @throws StorageError `INVALID_INPUT` (no export, of a later release, or cut off), `ID_CONFLICT`, `EMBEDDING_MISMATCH`, `ABORTED`
   */
  async importFrom(stream: Readable, options: ImportOptions = {}): Promise<PortableCounts> {
    const parsed = parseOptions(options, 'importFrom');
    if (typeof Object(stream)[Symbol.asyncIterator] !== 'function') {
      throw new StorageError('INVALID_INPUT', 'importFrom: expected a readable stream');
    }
    return importLines(oneAhead(readNdjson(stream)), this.#importTarget(), parsed);
  }

  /**
   * Copies everything into another store, of any backend, with keys of its own. After an interruption the next call goes on.
   *
   * @throws StorageError as `importFrom` and `exportTo`
   */
  async migrateTo(target: StorageService, options: ImportOptions = {}): Promise<PortableCounts> {
    const parsed = parseOptions(options, 'migrateTo');
    if (!(target instanceof StorageService) || target === this) {
      throw new StorageError('INVALID_INPUT', 'migrateTo: expected another open StorageService');
    }
    return migrateStore(this.#migrationEnd(), target.#migrationEnd(), parsed);
  }

  #importTarget() {
    const { backend, guard, sealer } = this.#parts;
    return { chat: this.chat, estate: backend.estate, guard, sealer };
  }

  #migrationEnd() {
    const { backend, sealer } = this.#parts;
    return { backend, sealer, target: this.#importTarget() };
  }

  /** Ends the calls under way, then releases everything. A second call does nothing. */
  async close(): Promise<void> {
    // What was called before this, and has only been checked so far, still gets to the store.
    await nextTurn();
    await this.#parts.scheduler?.close();
    await this.#parts.backend.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function openBackups(
  { backup, keys }: StorageOptions,
  parts: Pick<Parts, 'backend' | 'ring' | 'sealer'> & {
    documentsOf: (storage: StorageService) => DocumentStore;
  },
): Promise<Pick<Parts, 'backups' | 'scheduler'>> {
  if (!backup) return { backups: null, scheduler: null };
  const target = await openTarget(backup.target);
  const backups = new BackupCollection({
    ...parts,
    target,
    keys: backup.keys ?? ('load' in keys ? keys : null),
    retention: backup.retention ?? {},
    open: (options) => StorageService.open(options),
  });
  const { schedule } = backup;
  return {
    backups,
    scheduler: schedule === undefined ? null : new BackupScheduler(schedule, backups, target),
  };
}

async function openTarget(
  target: NonNullable<StorageOptions['backup']>['target'],
): Promise<BackupTarget> {
  if ('bucket' in target) {
    // Loaded on first use, with the SDK.
    const { S3Target } = await import('./backup/s3-target.ts');
    return new S3Target(target);
  }
  return 'path' in target ? new FolderTarget(target.path) : target;
}

async function openBackend(backend: StorageOptions['backend']): Promise<StorageBackend> {
  if ('url' in backend || 'spawn' in backend) {
    // Loaded on first use: most processes never need it.
    const { QdrantBackend } = await import('./backends/qdrant/qdrant-backend.ts');
    return QdrantBackend.open(backend);
  }
  return 'path' in backend ? EmbeddedBackend.open(backend) : backend;
}
