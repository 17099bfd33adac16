import { Heap } from './heap.ts';
import type { HeapEntry } from './heap.ts';

/** Gives a slot back. Calling it again does nothing. */
export type Release = () => void;

/** How much of a slot is taken: one, or a part of it that is a power of two, so that sums are exact. Asked when its turn comes. */
export type SlotShare = () => number;

const WHOLE: SlotShare = () => 1;

interface Waiting extends HeapEntry {
  priority: number;
  order: number;
  share: SlotShare;
  grant: (share: number) => void;
}

/** A bounded number of slots, given by priority and then in order of asking. */
export class SlotQueue {
  readonly #slots: number;
  readonly #waiting = new Heap<Waiting>(goesBefore);
  #used = 0;
  #holders = 0;
  #order = 0;
  #paused = false;

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** How many have a slot, or a part of one. */
  get holders(): number {
    return this.#holders;
  }

  /** Waits for a slot; null where `signal` aborts first. Who comes later with less to ask for overtakes nobody. */
  acquire(
    priority: number,
    signal: AbortSignal,
    share: SlotShare = WHOLE,
  ): Promise<Release | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#order += 1;
      const onAbort = () => {
        this.#waiting.remove(waiting);
        resolve(null);
        this.#grant();
      };
      const waiting: Waiting = {
        place: -1,
        priority,
        order: this.#order,
        share,
        grant: (taken) => {
          signal.removeEventListener('abort', onAbort);
          resolve(this.#take(taken));
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
    return this.#take(WHOLE());
  }

  #take(share: number): Release {
    this.#used += share;
    this.#holders += 1;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.#used -= share;
      this.#holders -= 1;
      this.#grant();
    };
  }

  #grant(): void {
    for (;;) {
      const next = this.#waiting.first;
      if (this.#paused || next === undefined) return;
      const share = next.share();
      if (this.#used + share > this.#slots) return;
      this.#waiting.pop();
      next.grant(share);
    }
  }
}

function goesBefore(a: Waiting, b: Waiting): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}
