import { Work } from './work.ts';

/** Requests whose streams can still be read. */
const MAX_KEPT = 1_000;

/** The work on every request, by the request's id: what is going on, and the latest of what is over. */
export class WorkRegistry {
  readonly #works = new Map<string, Work>();

  /** Null where the same id is being worked on under another key. */
  begin(requestId: string): Work | null {
    if (this.#works.get(requestId)?.isOver === false) return null;
    this.#works.delete(requestId);
    const work = new Work(requestId);
    this.#works.set(requestId, work);
    this.#dropOldest();
    return work;
  }

  find(requestId: string): Work | null {
    return this.#works.get(requestId) ?? null;
  }

  #dropOldest(): void {
    for (const [id, { isOver }] of this.#works) {
      if (this.#works.size <= MAX_KEPT) return;
      if (isOver) this.#works.delete(id);
    }
  }
}
