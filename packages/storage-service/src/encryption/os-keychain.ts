import { StorageError } from '../errors.ts';
import { decodeKey, encodeKey, newKey, type KeySource } from './key-source.ts';

/** Which entry of the keychain holds the key. */
export interface OsKeychainOptions {
  /** "cloudops" by default. */
  service?: string;
  /** "storage-key" by default. Stores that are to have keys of their own use names of their own. */
  account?: string;
  /**
   * A locked keychain asks its user: this long a call waits at most, 5 s by default. The prompt stays open, so that the next call may
   * find it unlocked; until it is answered or closed the process does not end.
   */
  timeoutMs?: number;
}

/**
 * The keychain of the operating system: Keychain on macOS, Credential Manager on Windows, the Secret Service on Linux
 * (never the kernel's keyring, which forgets at reboot). Needs the package `@napi-rs/keyring`.
 *
 * Its methods throw StorageError `KEYCHAIN_UNAVAILABLE`; headless machines use `envKey` or `fileKey`, by choice.
 */
export function osKeychain(options: OsKeychainOptions = {}): KeySource {
  const { service = 'cloudops', account = 'storage-key', timeoutMs = 5000 } = options;
  const place = `the keychain entry ${service}/${account}`;

  async function withEntry<T>(
    use: (entry: KeychainEntry, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { AsyncEntry } = await loadKeyring();
    const signal = AbortSignal.timeout(timeoutMs);
    const expired = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    // Where the keychain throws before the race begins nobody else hears of it, and the process would end by it.
    expired.catch(() => {});
    try {
      const entry = new AsyncEntry(service, account, { linux: { store: 'secret-service' } });
      // The native call does not heed the signal while a prompt is open.
      return await Promise.race([use(entry, signal), expired]);
    } catch (cause) {
      throw new StorageError(
        'KEYCHAIN_UNAVAILABLE',
        signal.aborted
          ? `The keychain did not answer within ${timeoutMs} ms: it may be locked, and its prompt may still be open. Unlock it and try again, or choose envKey or fileKey.`
          : `The keychain is locked or missing: unlock it, or choose envKey or fileKey. (${cause instanceof Error ? cause.message : String(cause)})`,
        { cause },
      );
    }
  }

  const load = async () => {
    const text = await withEntry((entry, signal) => entry.getPassword(signal));
    return text === null ? null : decodeKey(text, place);
  };
  return {
    kind: 'os-keychain',
    hint: `unlock the keychain that holds ${service}/${account}`,
    load,
    create: async () => {
      const text = encodeKey(newKey());
      await withEntry((entry, signal) => entry.setPassword(text, signal));
      const kept = await load();
      if (kept === null) {
        throw new StorageError(
          'KEYCHAIN_UNAVAILABLE',
          'The keychain does not keep what is put in it.',
        );
      }
      return kept;
    },
  };
}

/** The part of `AsyncEntry` of `@napi-rs/keyring` that is used here. */
interface KeychainEntry {
  getPassword(signal?: AbortSignal): Promise<string | null>;
  setPassword(password: string, signal?: AbortSignal): Promise<void>;
}

async function loadKeyring() {
  try {
    return await import('@napi-rs/keyring');
  } catch (cause) {
    throw new StorageError(
      'KEYCHAIN_UNAVAILABLE',
      'osKeychain() needs the package @napi-rs/keyring: npm install @napi-rs/keyring.',
      { cause, retryable: false },
    );
  }
}
