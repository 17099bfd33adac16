import type { StorageBackend } from './backends/backend.ts';
import type { KeyRing } from './encryption/key-ring.ts';
import { StorageError } from './errors.ts';

/** Whether storage can be used, and how it is set up. */
export interface StorageHealth {
  /** `unavailable` when the store did not answer. */
  status: 'ok' | 'unavailable';
  /** Why it is unavailable. */
  error: { code: string; message: string } | null;
  backend: string;
  /** How long a small read took. */
  latency_ms: number;
  encryption: 'xaes-256-gcm' | 'none';
  /** `os-keychain`, `env`, `file`, `recovery`; null without encryption. */
  key_source: string | null;
  /** A rotation was interrupted: call `rotateKey` to finish it. */
  is_rotating: boolean;
  /** By which model the vectors were made; null before the first one. */
  embedding: { model: string | null; dimensions: number } | null;
}

/** Asks the store something small; never throws because it fails. */
export async function checkHealth(
  backend: StorageBackend,
  ring: KeyRing | null,
  embedding: () => Promise<StorageHealth['embedding']>,
): Promise<StorageHealth> {
  const start = performance.now();
  const setup = {
    backend: backend.kind,
    encryption: ring === null ? ('none' as const) : ('xaes-256-gcm' as const),
    key_source: ring?.source.kind ?? null,
  };
  try {
    await ring?.refresh();
    return {
      status: 'ok',
      error: null,
      ...setup,
      is_rotating: ring?.document.is_rotating ?? false,
      embedding: await embedding(),
      latency_ms: Math.round((performance.now() - start) * 100) / 100,
    };
  } catch (error) {
    if (!StorageError.is(error)) throw error;
    return {
      status: 'unavailable',
      error: { code: error.code, message: error.message },
      ...setup,
      is_rotating: ring?.document.is_rotating ?? false,
      embedding: null,
      latency_ms: Math.round((performance.now() - start) * 100) / 100,
    };
  }
}
