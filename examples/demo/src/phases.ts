/** How long each part of the demo took. */
export class Phases {
  readonly #started = performance.now();
  readonly #durations = new Map<string, number>();

  /** Does a part of the work and adds its time to a phase. */
  async measure<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      const before = this.#durations.get(name) ?? 0;
      this.#durations.set(name, before + performance.now() - started);
    }
  }

  /** Whole milliseconds per phase, in the order they began, and `total` since the start. */
  toJSON(): Record<string, number> {
    const phases = [...this.#durations].map(([name, ms]) => [name, Math.round(ms)] as const);
    return {
      ...Object.fromEntries(phases),
      total: Math.round(performance.now() - this.#started),
    };
  }
}
