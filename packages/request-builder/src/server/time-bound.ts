/** Bounds one exchange in time: by the caller's signal, and by a timer that can be wound again while something still comes. */
export class TimeBound {
  /** Aborted by the caller or by the timer. */
  readonly signal: AbortSignal;
  readonly #timeout = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(caller: AbortSignal, milliseconds: number) {
    this.signal = AbortSignal.any([caller, this.#timeout.signal]);
    this.#timer = this.#wound(milliseconds);
  }

  /** Whether the time is up. */
  get isOver(): boolean {
    return this.#timeout.signal.aborted;
  }

  /** Begins anew with another length. */
  rewind(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#wound(milliseconds);
  }

  /** Lets go of the timer: whoever makes a bound ends it. */
  end(): void {
    clearTimeout(this.#timer);
  }

  #wound(milliseconds: number): NodeJS.Timeout {
    return setTimeout(
      () => this.#timeout.abort(),
      Math.max(1, Math.min(milliseconds, 2 ** 31 - 1)),
    );
  }
}
