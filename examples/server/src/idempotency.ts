import { createHash } from 'node:crypto';

/** A finished answer as it went over the wire, so that a replay is the same bytes. */
export interface StoredAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** What to do with a request under its key: do the work, or say what became of it before. */
export type Claim =
  | { kind: 'new'; finish: (answer: StoredAnswer) => void; release: () => void }
  | { kind: 'replay'; answer: StoredAnswer }
  | { kind: 'in_flight' }
  | { kind: 'other_body' }
  | { kind: 'full' };

/** Bounds of an {@link IdempotencyStore}. */
export interface IdempotencyOptions {
  /** How long an answer is kept, in milliseconds. Default: 24 hours. */
  ttlMs?: number;
  /** Keys kept at once; beyond it the oldest finished one goes. Default: 1,000. */
  maxKeys?: number;
  /** The clock, in milliseconds. Default: `Date.now`. */
  now?: () => number;
}

interface Entry {
  bodyHash: string;
  answer: StoredAnswer | null;
  expiresAt: number;
}

/**
 * Remembers which `Idempotency-Key` came with which body and what was answered, in memory: a client that
 * sends the same request again after a timeout gets the first answer, and the work is done once.
 */
export class IdempotencyStore {
  readonly #entries = new Map<string, Entry>();
  readonly #ttlMs: number;
  readonly #maxKeys: number;
  readonly #now: () => number;

  constructor(options: IdempotencyOptions = {}) {
    this.#ttlMs = options.ttlMs ?? 24 * 60 * 60 * 1000;
    this.#maxKeys = options.maxKeys ?? 1_000;
    this.#now = options.now ?? Date.now;
  }

  /** Looks a key up, and takes it where it is new. A taken key must be finished or released. */
  claim(key: string, body: string): Claim {
    const bodyHash = createHash('sha256').update(body).digest('hex');
    const known = this.#entries.get(key);
    if (known !== undefined && (known.answer === null || known.expiresAt > this.#now())) {
      if (known.bodyHash !== bodyHash) return { kind: 'other_body' };
      return known.answer === null
        ? { kind: 'in_flight' }
        : { kind: 'replay', answer: known.answer };
    }
    this.#entries.delete(key);
    if (!this.#makeRoom()) return { kind: 'full' };
    const entry: Entry = { bodyHash, answer: null, expiresAt: Number.POSITIVE_INFINITY };
    this.#entries.set(key, entry);
    return {
      kind: 'new',
      finish: (answer) => {
        entry.answer = answer;
        entry.expiresAt = this.#now() + this.#ttlMs;
      },
      release: () => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      },
    };
  }

  /** Drops the oldest finished answers until one more key fits; false where every key is in flight. */
  #makeRoom(): boolean {
    if (this.#entries.size < this.#maxKeys) return true;
    for (const [key, entry] of this.#entries) {
      if (entry.answer === null) continue;
      this.#entries.delete(key);
      if (this.#entries.size < this.#maxKeys) return true;
    }
    return false;
  }
}
