/** Wakes everyone who waits for a change. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Resolves at the next `notify`, or when `signal` aborts. */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal === undefined) {
        this.#waiting.push(resolve);
        return;
      }
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.push(done);
      signal.addEventListener('abort', done);
    });
  }

  /** Wakes all that wait now. */
  notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
