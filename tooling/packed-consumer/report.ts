/** Prints a line per check and remembers whether one failed. */
export class Report {
  #failed: string[] = [];
  #passed = 0;

  /** The names of the checks that failed. */
  get failed(): readonly string[] {
    return this.#failed;
  }

  get passed(): number {
    return this.#passed;
  }

  /**
   * Runs a check, which throws where something is wrong and may return a note.
   *
   * @returns whether it passed
   */
  async check(name: string, work: () => Promise<string | void>): Promise<boolean> {
    const started = performance.now();
    const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
    try {
      const note = await work();
      console.log(`ok   ${name}${note ? `: ${note}` : ''} (${seconds()} s)`);
      this.#passed += 1;
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      console.log(`FAIL ${name} (${seconds()} s)\n${message.replace(/^/gmu, '     ')}`);
      this.#failed.push(name);
      return false;
    }
  }
}
