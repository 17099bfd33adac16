import { Heap } from './heap.ts';
import type { HeapEntry } from './heap.ts';

/** Gives a slot back. Calling it again does nothing. */
export type Release = () => void;

interface Waiting extends HeapEntry {
  priority: number;
  order: number;
  grant: () => void;
}

/** A bounded number of slots, given by priority and then in order of asking. */
export class SlotQueue {
  readonly #slots: number;
  readonly #waiting = new Heap<Waiting>(goesBefore);
  #used = 0;
  #order = 0;
  #paused = false;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** How many slots are taken. */
  get used(): number {
    return this.#used;
  }

  /** Waits for a slot; null where `signal` aborts first. */
  acquire(priority: number, signal: AbortSignal): Promise<Release | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#order += 1;
      const onAbort = () => {
        this.#waiting.remove(waiting);
        resolve(null);
      };
      const waiting: Waiting = {
        place: -1,
        priority,
        order: this.#order,
        grant: () => {
          signal.removeEventListener('abort', onAbort);
          resolve(this.#take());
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#grant();
    });
  }

  /** Gives no slot until `resume`; what has one keeps it. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on after `pause`. */
  resume(): void {
    this.#paused = false;
    this.#grant();
  }

  /** Takes a slot without a turn, also one too many: for what runs already. */
  take(): Release {
    this.#used += 1;
    return this.#take();
  }

  #take(): Release {
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.#used -= 1;
      this.#grant();
    };
  }

  #grant(): void {
    while (!this.#paused && this.#used < this.#slots) {
      const next = this.#waiting.pop();
      if (next === undefined) return;
      this.#used += 1;
      next.grant();
    }
  }
}

function goesBefore(a: Waiting, b: Waiting): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}
