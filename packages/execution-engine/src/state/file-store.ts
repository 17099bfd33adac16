import { open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ExecutionError, messageOf, systemErrorCode } from '../errors.ts';
import { prepareLogDir } from '../logs/directory.ts';
import type { ProblemListener } from '../options.ts';
import { ownIdentity } from '../process/identity.ts';
import { claimFrom } from './claims.ts';
import { StateRecord, isSameOwner } from './record.ts';
import type { Owner } from './record.ts';
import type { StateStore } from './store.ts';

const SUFFIX = '.state.json';

/** Files that are read at once: each holds a descriptor, and a history may have thousands. */
const READ_AT_ONCE = 32;

/** One file per execution, replaced as a whole: a reader sees the old record or the new one. */
export class FileStateStore implements StateStore {
  readonly durable = true;
  readonly #folder: string;
  readonly #synced: boolean;
  readonly #onProblem: ProblemListener;
  readonly #writing = new Map<string, Promise<void>>();
  #ready: Promise<void> | null = null;

  /**
   * @param folder made with mode 0700
   * @param synced whether what is saved reaches the disk, and so survives a power failure: 1.6 ms on a disk at rest,
   * seconds on one that others write to
   * @param onProblem told of records that cannot be read
   */
  constructor(folder: string, synced: boolean, onProblem: ProblemListener) {
    this.#folder = folder;
    this.#synced = synced;
    this.#onProblem = onProblem;
  }

  save(record: StateRecord): Promise<void> {
    return this.#enqueue(record, async () => {
      await this.#write(record, this.#synced);
      // The new name is an entry of the folder, which has to reach the disk as well.
      if (this.#synced) await syncFolder(this.#folder);
    });
  }

  note(record: StateRecord): Promise<void> {
    return this.#enqueue(record, () => this.#write(record, false));
  }

  async load(): Promise<StateRecord[]> {
    await this.#prepare();
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(SUFFIX));
    const records: StateRecord[] = [];
    for (let from = 0; from < names.length; from += READ_AT_ONCE) {
      const batch = names.slice(from, from + READ_AT_ONCE);
      const read = await Promise.all(batch.map((name) => this.#read(join(this.#folder, name))));
      records.push(...read.filter((record) => record !== null));
    }
    return records.sort((a, b) => a.accepted_at - b.accepted_at);
  }

  async takeOver(owner: Owner, ids: readonly string[]): Promise<StateRecord[]> {
    const giveBack = await claimFrom(this.#folder, owner);
    if (giveBack === null) return [];
    const taken: StateRecord[] = [];
    for (const id of ids) {
      // Another engine may have had it, and even have brought it to its end, before the claim.
      const now = await this.#read(this.#path(id));
      if (now === null || now.result !== null || !isSameOwner(now.owner, owner)) continue;
      const mine = { ...now, owner: ownIdentity() };
      await this.save(mine);
      taken.push(mine);
    }
    await giveBack();
    return taken;
  }

  async remove(id: string): Promise<void> {
    await this.#writing.get(id)?.catch(() => {});
    await rm(this.#path(id), { force: true });
  }

  /** One after the other for each record, so that a slow older write cannot replace a newer one. */
  async #enqueue(record: StateRecord, write: () => Promise<void>): Promise<void> {
    const before = this.#writing.get(record.id) ?? this.#prepare();
    const writing = before.catch(() => {}).then(write);
    this.#writing.set(record.id, writing);
    try {
      await writing;
    } catch (error) {
      throw writeFailure(this.#path(record.id), error);
    } finally {
      if (this.#writing.get(record.id) === writing) this.#writing.delete(record.id);
    }
  }

  #prepare(): Promise<void> {
    this.#ready ??= prepareLogDir(this.#folder);
    return this.#ready;
  }

  async #write(record: StateRecord, synced: boolean): Promise<void> {
    const path = this.#path(record.id);
    const file = await open(`${path}.tmp`, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(record));
      if (synced) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(`${path}.tmp`, path);
  }

  /** Null for what is no record of ours: damaged, or another version's. */
  async #read(path: string): Promise<StateRecord | null> {
    try {
      return StateRecord.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      // Removed between the look and the reading: retention of another engine.
      if (systemErrorCode(error) === 'ENOENT') return null;
      const message = `${path} is no record that this version can read, and is left out`;
      const details = { path, errno: systemErrorCode(error) };
      this.#onProblem(new ExecutionError('STATE_UNREADABLE', message, { details, cause: error }));
      return null;
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}${SUFFIX}`);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function writeFailure(path: string, error: unknown): ExecutionError {
  return new ExecutionError('STATE_WRITE_FAILED', `cannot store ${path}: ${messageOf(error)}`, {
    details: { path, errno: systemErrorCode(error) },
    cause: error,
  });
}
