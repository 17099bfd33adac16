/** Gives a slot back. Calling it again does nothing. */
export type Release = () => void;

interface Waiting {
  priority: number;
  order: number;
  grant: () => void;
}

/** A bounded number of slots, given by priority and then in order of asking. */
export class SlotQueue {
  readonly #slots: number;
  #used = 0;
  #order = 0;
  #paused = false;
  /** Sorted: the next one is last. */
  #waiting: Waiting[] = [];

  constructor(slots: number) {
    this.#slots = slots;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
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
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        resolve(null);
      };
      const waiting: Waiting = {
        priority,
        order: this.#order,
        grant: () => {
          signal.removeEventListener('abort', onAbort);
          resolve(this.#take());
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#insert(waiting);
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

  #insert(waiting: Waiting): void {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#waiting[middle];
      if (other !== undefined && goesBefore(waiting, other)) low = middle + 1;
      else high = middle;
    }
    this.#waiting.splice(low, 0, waiting);
  }
}

function goesBefore(a: Waiting, b: Waiting): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority;
}
