import { z } from 'zod';
import { readIfThere, replacePrivateFile } from '../private-file.ts';
import {
  type CacheEntry,
  type Decisions,
  MemoryPermissionCache,
  type PermissionCache,
} from './cache.ts';

const HEADER = '{"schema":"permission-cache/v1"}';
const Text = z.array(z.string());
const Entry = z.object({
  key: z.string(),
  decisions: z.object({
    allowed: Text,
    denied: Text,
    conditional: Text,
    evaluated_at: z.iso.datetime(),
  }),
  expiresAtMs: z.number(),
});
const Role = z.object({ role: z.string(), arn: z.string(), expiresAtMs: z.number() });

/** Written early, so that a scan that is killed loses no more than this many answers. */
const MOST_UNWRITTEN = 5_000;

interface Content {
  entries: Map<string, CacheEntry>;
  roles: Map<string, z.infer<typeof Role>>;
}

/**
 * Keeps what IAM said in a file of mode 0600, so that it outlives the process. Keys are hashes; the file holds action names and, of
 * assumed roles, their ARNs. A file that cannot be read is an empty cache, and `problem` says why; the next write replaces it. Several
 * processes may share a file: what others wrote meanwhile is kept.
 */
export class FilePermissionCache implements PermissionCache {
  readonly #path: string;
  readonly #limit: number;
  readonly #memory: MemoryPermissionCache;
  readonly #unwritten: Content = { entries: new Map(), roles: new Map() };
  #loaded: Promise<Content> | null = null;
  #writing: Promise<void> = Promise.resolve();
  #problem: string | null = null;

  /**
   * @param path of the file; it and its folder are made when they are first written
   * @param options.limit entries kept, about 1 KB each; those that end first go first. Default 50,000
   */
  constructor(path: string, options: { limit?: number } = {}) {
    this.#path = path;
    this.#limit = options.limit ?? 50_000;
    this.#memory = new MemoryPermissionCache(this.#limit);
  }

  /** Why the file could not be read or written the last time; null where it could. */
  get problem(): string | null {
    return this.#problem;
  }

  async get(keys: readonly string[], nowMs: number): Promise<(Decisions | null)[]> {
    await this.#load();
    return this.#memory.get(keys, nowMs);
  }

  async set(entries: readonly CacheEntry[]): Promise<void> {
    await this.#load();
    await this.#memory.set(entries);
    for (const entry of entries) this.#unwritten.entries.set(entry.key, entry);
    if (this.#unwritten.entries.size >= MOST_UNWRITTEN) await this.flush();
  }

  async getRole(role: string, nowMs: number): Promise<string | null> {
    const { roles } = await this.#load();
    const known = this.#unwritten.roles.get(role) ?? roles.get(role);
    return known !== undefined && known.expiresAtMs > nowMs ? known.arn : null;
  }

  async setRole(role: string, arn: string, expiresAtMs: number): Promise<void> {
    await this.#load();
    this.#unwritten.roles.set(role, { role, arn, expiresAtMs });
  }

  /** Writes what is new. A file that cannot be written costs the next process its answers, nothing else. */
  async flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    const fresh = {
      entries: new Map(this.#unwritten.entries),
      roles: new Map(this.#unwritten.roles),
    };
    if (fresh.entries.size + fresh.roles.size === 0) return;
    try {
      const others = await this.#read();
      const now = Date.now();
      const entries = [...new Map([...others.entries, ...fresh.entries]).values()]
        .filter(({ expiresAtMs }) => expiresAtMs > now)
        .toSorted((a, b) => b.expiresAtMs - a.expiresAtMs)
        .slice(0, this.#limit);
      const roles = [...new Map([...others.roles, ...fresh.roles]).values()].filter(
        ({ expiresAtMs }) => expiresAtMs > now,
      );
      const lines = [HEADER, ...[...roles, ...entries].map((line) => JSON.stringify(line))];
      await replacePrivateFile(this.#path, `${lines.join('\n')}\n`);
      for (const [key, entry] of fresh.entries) {
        if (this.#unwritten.entries.get(key) === entry) this.#unwritten.entries.delete(key);
      }
    } catch (error) {
      this.#problem = `the cache ${this.#path} could not be written: ${text(error)}`;
    }
  }

  #load(): Promise<Content> {
    this.#loaded ??= this.#read().then(async (content) => {
      await this.#memory.set([...content.entries.values()]);
      // They are in memory now.
      content.entries.clear();
      return content;
    });
    return this.#loaded;
  }

  async #read(): Promise<Content> {
    const content: Content = { entries: new Map(), roles: new Map() };
    try {
      const file = await readIfThere(this.#path);
      if (file === null) return content;
      const [header, ...lines] = file.split('\n');
      if (header !== HEADER) throw new Error('it is of another version, or no such file');
      // The last line ends with a line break: without it the file is cut off.
      if (lines.pop() !== '') throw new Error('it is cut off');
      for (const line of lines) {
        const parsed: unknown = JSON.parse(line);
        const role = Role.safeParse(parsed).data;
        if (role) content.roles.set(role.role, role);
        else {
          const entry = Entry.parse(parsed);
          content.entries.set(entry.key, entry);
        }
      }
      return content;
    } catch (error) {
      this.#problem = `the cache ${this.#path} was not used: ${text(error)}`;
      return { entries: new Map(), roles: new Map() };
    }
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
