import type { StateRecord } from './record.ts';

/** Where an engine keeps what it must not forget. */
export interface StateStore {
  /** Resolves when the record is kept: a later `load`, also of another process, gives it or a newer one. */
  save(record: StateRecord): Promise<void>;
  /** Everything that is kept, the oldest first. */
  load(): Promise<StateRecord[]>;
  remove(id: string): Promise<void>;
  /** Whether records outlive the process. */
  readonly durable: boolean;
}

/** Keeps nothing beyond the process: what the engine itself holds in memory is enough. */
export const memoryStore: StateStore = {
  durable: false,
  save: () => Promise.resolve(),
  load: () => Promise.resolve([]),
  remove: () => Promise.resolve(),
};
