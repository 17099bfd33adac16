/** Runs pieces of work one after the other, in the order in which they were given. One that fails does not stop the next. */
export class OneAtATime {
  #tail: Promise<unknown> = Promise.resolve();

  async run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#tail.then(work, work);
    this.#tail = result.catch(() => {});
    return await result;
  }
}
