import type { Owner, StateRecord } from './record.ts';

/** Where an engine keeps what it must not forget. */
export interface StateStore {
  /**
   * Resolves when the record is kept: a later `load`, also of another process, gives it or a newer one. Also after a
   * power failure, where the store was asked for that.
   *
   * @throws ExecutionError `STATE_WRITE_FAILED`
   */
  save(record: StateRecord): Promise<void>;
  /** As `save`, but a power failure may undo it: for what nothing is left of after one. */
  note(record: StateRecord): Promise<void>;
  /** Everything that is kept, the oldest first. What cannot be read is told to the listener, and left where it is. */
  load(): Promise<StateRecord[]>;
  /**
   * Takes over records of a host that is dead. Of several engines that try at the same time one gets all of them.
   *
   * @returns those that are this process's now, as they are now
   */
  takeOver(owner: Owner, ids: readonly string[]): Promise<StateRecord[]>;
  remove(id: string): Promise<void>;
  /** Whether records outlive the process. */
  readonly durable: boolean;
}

/** Keeps nothing beyond the process: what the engine itself holds in memory is enough. */
export const memoryStore: StateStore = {
  durable: false,
  save: () => Promise.resolve(),
  note: () => Promise.resolve(),
  load: () => Promise.resolve([]),
  takeOver: () => Promise.resolve([]),
  remove: () => Promise.resolve(),
};
