import { readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareLogDir } from '../logs/directory.ts';
import { StateRecord } from './record.ts';
import type { StateStore } from './store.ts';

const SUFFIX = '.state.json';

/**
 * One file per execution, replaced as a whole: a reader sees the old record or the new one. What survives is the death
 * of the process, not that of the machine: nothing is synced.
 */
export class FileStateStore implements StateStore {
  readonly durable = true;
  readonly #folder: string;
  readonly #writing = new Map<string, Promise<void>>();
  #ready: Promise<void> | null = null;

  /** @param folder made with mode 0700 */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async save(record: StateRecord): Promise<void> {
    // One after the other, so that a slow older write cannot replace a newer one.
    const before = this.#writing.get(record.id) ?? this.#prepare();
    const writing = before.catch(() => {}).then(() => this.#write(record));
    this.#writing.set(record.id, writing);
    try {
      await writing;
    } finally {
      if (this.#writing.get(record.id) === writing) this.#writing.delete(record.id);
    }
  }

  async load(): Promise<StateRecord[]> {
    await this.#prepare();
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(SUFFIX));
    const records = await Promise.all(names.map((name) => this.#read(join(this.#folder, name))));
    return records
      .filter((record) => record !== null)
      .sort((a, b) => a.accepted_at - b.accepted_at);
  }

  async remove(id: string): Promise<void> {
    await this.#writing.get(id)?.catch(() => {});
    await rm(this.#path(id), { force: true });
  }

  #prepare(): Promise<void> {
    this.#ready ??= prepareLogDir(this.#folder);
    return this.#ready;
  }

  async #write(record: StateRecord): Promise<void> {
    const path = this.#path(record.id);
    await writeFile(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${path}.tmp`, path);
  }

  /** Null for what is no record of ours: another version's, for example. */
  async #read(path: string): Promise<StateRecord | null> {
    try {
      const parsed = StateRecord.safeParse(JSON.parse(await readFile(path, 'utf8')));
      return parsed.success ? parsed.data : null;
    } catch {
      return null;
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}${SUFFIX}`);
  }
}
