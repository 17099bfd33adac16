/** What IAM said about the actions on one resource. */
export interface Decisions {
  allowed: string[];
  denied: string[];
  conditional: string[];
  /** RFC 3339 UTC. */
  evaluated_at: string;
}

/** One entry of a {@link PermissionCache}. */
export interface CacheEntry {
  /** Made of principal, resource type, action set and ARN; a hash of fixed length. */
  key: string;
  decisions: Decisions;
  /** Milliseconds since 1970 from which on the entry is void. */
  expiresAtMs: number;
}

/** Keeps what IAM said between calls. The default is in memory; one that outlives the process fits here. */
export interface PermissionCache {
  /** Aligned with `keys`; null where there is nothing that is still valid at `nowMs`. */
  get(keys: readonly string[], nowMs: number): Promise<(Decisions | null)[]>;
  set(entries: readonly CacheEntry[]): Promise<void>;
  /** The ARN with its path of an assumed role, by its ARN without; null where it is not known. */
  getRole?(role: string, nowMs: number): Promise<string | null>;
  setRole?(role: string, arn: string, expiresAtMs: number): Promise<void>;
  /** Writes down what is new; called when a scan has ended. */
  flush?(): Promise<void>;
  /** Why it could not be read or written; null where it could. In the report as a warning. */
  readonly problem?: string | null;
}

/** A {@link PermissionCache} in memory; the least recently used entries go first. */
export class MemoryPermissionCache implements PermissionCache {
  readonly #entries = new Map<string, CacheEntry>();
  readonly #limit: number;

  /** @param limit entries kept, about 1 KB each. Default 50,000. */
  constructor(limit = 50_000) {
    this.#limit = limit;
  }

  get(keys: readonly string[], nowMs: number): Promise<(Decisions | null)[]> {
    return Promise.resolve(keys.map((key) => this.#find(key, nowMs)));
  }

  set(entries: readonly CacheEntry[]): Promise<void> {
    for (const entry of entries) {
      this.#entries.delete(entry.key);
      this.#entries.set(entry.key, entry);
    }
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#limit) break;
      this.#entries.delete(oldest);
    }
    return Promise.resolve();
  }

  #find(key: string, nowMs: number): Decisions | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#entries.delete(key);
    if (entry.expiresAtMs <= nowMs) return null;
    this.#entries.set(key, entry);
    return entry.decisions;
  }
}
