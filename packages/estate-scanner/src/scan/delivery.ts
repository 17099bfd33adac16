/** Counts the resources of one scope on their way to the store, so that it is known when all of them are there. */
export class Delivery {
  #underway = 0;
  #whenDone: (() => void) | null = null;

  /** One more is on its way. */
  sent(): void {
    this.#underway += 1;
  }

  /** One has arrived. */
  arrived(): void {
    this.#underway -= 1;
    this.#settle();
  }

  /** Nothing more is sent: `done` is called when everything has arrived. */
  close(done: () => void): void {
    this.#whenDone = done;
    this.#settle();
  }

  #settle(): void {
    if (this.#underway > 0) return;
    const done = this.#whenDone;
    this.#whenDone = null;
    done?.();
  }
}
