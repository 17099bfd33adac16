/** Lets one piece of work run at a time, in order of asking. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    // What went wrong for the one before is the one before's.
    const turn = this.#last.then(work, work);
    this.#last = turn;
    return turn;
  }
}
