import type { EventHandler } from '../events.ts';
import type { Journal } from '../logs/journal.ts';
import type { HandlerErrorListener } from '../options.ts';
import { dispatch } from './dispatch.ts';

/** The handlers of an engine, each fed with every journal at its own pace. */
export class Audience {
  readonly #handlers: EventHandler[] = [];
  readonly #feeding = new Set<Promise<void>>();
  readonly #onError: HandlerErrorListener;

  constructor(onError: HandlerErrorListener) {
    this.#onError = onError;
  }

  /** Feeds a handler with whatever begins from now on. */
  add(handler: EventHandler): void {
    this.#handlers.push(handler);
  }

  /** Feeds all handlers with a journal. */
  show(journal: Journal): void {
    for (const handler of this.#handlers) {
      const feeding = dispatch(handler, journal, this.#onError);
      this.#feeding.add(feeding);
      void feeding.then(() => this.#feeding.delete(feeding));
    }
  }

  /** Resolves when every handler has seen everything so far. */
  async caughtUp(): Promise<void> {
    await Promise.all(this.#feeding);
  }
}
