import type { StorageBackend } from './backends/backend.ts';
import { EmbeddedBackend } from './backends/embedded/embedded-backend.ts';
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
import { EstateCollection } from './estate.ts';
import { checkIntegrity, type IntegrityOptions, type IntegrityReport } from './integrity.ts';
import type { StorageOptions } from './options.ts';

/** Chat history and the estate in one place. */
export class StorageService implements AsyncDisposable {
  /** Conversations and their messages. */
  readonly chat: ChatCollection;
  /** Resources. */
  readonly estate: EstateCollection;
  readonly #backend: StorageBackend;

  readonly #ring: KeyRing | null;
  readonly #sealer: Sealer;

  private constructor(
    backend: StorageBackend,
    ring: KeyRing | null,
    sealer: Sealer,
    chat: ChatCollection,
    estate: EstateCollection,
  ) {
    this.#backend = backend;
    this.#ring = ring;
    this.#sealer = sealer;
    this.chat = chat;
    this.estate = estate;
  }

  /**
   * Opens storage; makes it where there is none.
   *
   * @throws StorageError `STORE_UNAVAILABLE`, `STORE_TOO_NEW`, `STORE_CORRUPT`, `STORE_BUSY`, `KEY_NOT_FOUND`, `KEY_WRONG`,
   * `KEY_INVALID`, `KEY_FILE_INSECURE`, `KEYCHAIN_UNAVAILABLE`, `ENCRYPTION_MISMATCH`, `EMBEDDING_MISMATCH`, `INVALID_INPUT`
   */
  static async open(options: StorageOptions): Promise<StorageService> {
    const backend = await openBackend(options.backend);
    try {
      // Not left to the types alone: an options object from JavaScript must not end up without encryption.
      if (typeof options.keys !== 'object' || options.keys === null) {
        throw new StorageError(
          'INVALID_INPUT',
          'keys: choose osKeychain(), envKey(name), fileKey(path) or noEncryption()',
        );
      }
      const ring = await openKeyRing(backend.documents, options.keys);
      const sealer = sealerOf(ring);
      const guard = new EmbeddingGuard(backend.documents);
      const embedder = options.embedder ?? null;
      if (embedder !== null) await guard.checkEmbedder(embedder);
      return new StorageService(
        backend,
        ring,
        sealer,
        new ChatCollection(backend.chat, sealer),
        new EstateCollection({ backend: backend.estate, sealer, guard, embedder }),
      );
    } catch (error) {
      await backend.close();
      throw error;
    }
  }

  /**
   * Checks the structure of the store, then opens every message and resource; what cannot be read is named in the report.
   *
   * @throws StorageError `ABORTED`, `CLOSED`
   */
  integrityCheck(options: IntegrityOptions = {}): Promise<IntegrityReport> {
    return checkIntegrity(this.#backend, this.#sealer, options);
  }

  /** Gives the disk back what removed data took; writes wait meanwhile. */
  async compact(): Promise<{ bytes_before: number | null; bytes_after: number | null }> {
    const before = await this.#backend.maintenance.stats();
    await this.#backend.maintenance.compact();
    const after = await this.#backend.maintenance.stats();
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
    return rotateKey(this.#encrypted(), this.#backend.sealed, options);
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
    if (this.#ring !== null) return this.#ring;
    throw new StorageError('ENCRYPTION_MISMATCH', 'The store has no encryption: it has no keys.');
  }

  /** Ends the calls under way, then releases everything. A second call does nothing. */
  async close(): Promise<void> {
    await this.#backend.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function openBackend(backend: StorageOptions['backend']): Promise<StorageBackend> {
  if (!('path' in backend)) return backend;
  if (typeof backend.path !== 'string' || backend.path === '') {
    throw new StorageError('INVALID_INPUT', 'backend.path: expected the path of a file');
  }
  return EmbeddedBackend.open(backend);
}
