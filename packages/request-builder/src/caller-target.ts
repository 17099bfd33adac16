import { regionsOf } from './context/gather.ts';
import { callerIdentity } from './identity.ts';
import type { BuilderEngine, BuilderStorage } from './ports.ts';
import type { Target } from './protocol/target.ts';
import { abortedError, orAborted } from './server/abort.ts';
import { storageErrors } from './storage-errors.ts';

/** How long the caller's identity is taken for granted when a request is built; before a run it is always asked. */
const TTL_MS = 300_000;

/** Where playbooks act when the host does not say: the engine's own account, in the regions where the estate has resources. */
export class CallerTarget {
  readonly #engine: BuilderEngine;
  readonly #storage: BuilderStorage;
  #known: { target: Promise<Target>; until: number } | null = null;

  constructor(engine: BuilderEngine, storage: BuilderStorage) {
    this.#engine = engine;
    this.#storage = storage;
  }

  /** @throws RequestError `IDENTITY_UNKNOWN`, `STORAGE_FAILED`, `ABORTED` */
  async get(signal: AbortSignal): Promise<Target> {
    if (this.#known === null || this.#known.until < Date.now()) {
      // Shared by all who ask meanwhile: the signal of one must not end it for the others.
      const target = this.#ask();
      this.#known = { target, until: Date.now() + TTL_MS };
      target.catch(() => {
        this.#known = null;
      });
    }
    try {
      return await orAborted(this.#known.target, signal);
    } catch (error) {
      if (signal.aborted) throw abortedError(signal);
      throw error;
    }
  }

  async #ask(): Promise<Target> {
    const identity = await callerIdentity(this.#engine);
    const { signal } = new AbortController();
    const regions = await storageErrors(signal, () =>
      regionsOf(this.#storage, identity.account_id),
    );
    return { ...identity, regions };
  }
}
