import { untilAborted } from '../until-aborted.ts';
import { abortError } from './abort.ts';

/**
 * What is left of the limit after a throttled call. TCP's half would leave two calls at once where AWS throttles three in ten
 * whatever the load; 0.7 is CUBIC's factor (https://www.rfc-editor.org/rfc/rfc9438#section-4.6).
 */
const KEPT = 0.7;

/**
 * Lets calls of one service and region through, fewer at once while AWS throttles them: seven tenths after a throttled call, one more
 * after each round of calls that were answered (additive increase, multiplicative decrease, as TCP does it).
 */
export class CallGate {
  readonly #most: number;
  #limit: number;
  #running = 0;
  #begun = 0;
  #begunAtCut = 0;
  readonly #waiting = new Set<() => void>();

  /** @param most calls at once while nothing is throttled */
  constructor(most: number) {
    this.#most = most;
    this.#limit = most;
  }

  /** How many calls may run at once now; from 1. */
  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** Whether a call was refused as one too many, and the calls answered since have not made up for it. */
  get isCut(): boolean {
    return this.#limit < this.#most;
  }

  /**
   * Runs a call when its turn has come.
   *
   * @param wasThrottled whether AWS refused the call as one too many
   * @throws what the call throws; ScanError `ABORTED` where the signal aborts while it waits
   */
  async run<Result>(
    signal: AbortSignal,
    call: () => Promise<Result>,
    wasThrottled: (result: Result) => boolean,
  ): Promise<Result> {
    while (this.#running >= this.limit) await this.#turn(signal);
    this.#running += 1;
    this.#begun += 1;
    const number = this.#begun;
    try {
      const result = await call();
      if (wasThrottled(result)) this.#cut(number);
      else this.#limit = Math.min(this.#most, this.#limit + 1 / this.#limit);
      return result;
    } finally {
      this.#running -= 1;
      this.#wake();
    }
  }

  /** Calls that were on their way at a cut already are no reason for another one. */
  #cut(number: number): void {
    if (number <= this.#begunAtCut) return;
    this.#begunAtCut = this.#begun;
    this.#limit = Math.max(1, Math.min(this.#limit, this.#running) * KEPT);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    let wake: () => void = () => undefined;
    const turn = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.add(wake);
    try {
      await untilAborted(turn, signal, abortError);
    } finally {
      this.#waiting.delete(wake);
    }
  }

  #wake(): void {
    let free = this.limit - this.#running;
    for (const wake of this.#waiting) {
      if (free <= 0) return;
      free -= 1;
      this.#waiting.delete(wake);
      wake();
    }
  }
}

/** A gate for each service and region of one account. */
export class CallGates {
  readonly #most: number;
  readonly #gates = new Map<string, CallGate>();

  constructor(most: number) {
    this.#most = most;
  }

  of(service: string, region: string | undefined): CallGate {
    const key = `${service} ${region ?? ''}`;
    const gate = this.#gates.get(key) ?? new CallGate(this.#most);
    this.#gates.set(key, gate);
    return gate;
  }
}
