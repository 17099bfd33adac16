/** The phases of a scan. */
export type Phase = 'discover' | 'permissions' | 'embed' | 'store';

/** Measures in how much of the time each phase had something to do, however many of it ran at once. */
export class PhaseClock {
  readonly #phases = new Map<Phase, { running: number; since: number; totalMs: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Runs work as part of a phase. */
  async time<Value>(phase: Phase, work: () => Promise<Value>): Promise<Value> {
    const state = this.#phases.get(phase) ?? { running: 0, since: 0, totalMs: 0 };
    this.#phases.set(phase, state);
    if (state.running === 0) state.since = this.#now();
    state.running += 1;
    try {
      return await work();
    } finally {
      state.running -= 1;
      if (state.running === 0) state.totalMs += Math.max(0, this.#now() - state.since);
    }
  }

  /** Milliseconds so far of a phase. */
  totalMs(phase: Phase): number {
    return Math.round(this.#phases.get(phase)?.totalMs ?? 0);
  }
}
