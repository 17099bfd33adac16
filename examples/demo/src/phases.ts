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
      this.add(name, performance.now() - started);
    }
  }

  /** Adds time that somebody else measured, in milliseconds. */
  add(name: string, ms: number): void {
    this.#durations.set(name, (this.#durations.get(name) ?? 0) + ms);
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
