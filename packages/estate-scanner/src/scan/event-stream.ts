import type { ScanEvent } from '../events.ts';
import type { EventOutlet } from './outlet.ts';

/** Events that may wait for their reader before the scan waits too. */
const ROOM = 256;

/** A queue of events between a scan and one reader. */
export class EventStream implements EventOutlet {
  readonly #waiting: ScanEvent[] = [];
  #wakeReader: (() => void) | undefined;
  #wakeWriters: (() => void)[] = [];
  #ended = false;

  emit(event: ScanEvent): void {
    this.#waiting.push(event);
    this.#wakeReader?.();
  }

  async ready(): Promise<void> {
    while (this.#waiting.length >= ROOM && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wakeWriters.push(resolve);
      });
    }
  }

  /** No more events come, or nobody reads them any more: nobody waits from here on. */
  end(): void {
    this.#ended = true;
    this.#wakeReader?.();
    this.#release();
  }

  /** The events in order, until {@link end}. */
  async *read(): AsyncGenerator<ScanEvent> {
    for (;;) {
      const event = this.#waiting.shift();
      if (event !== undefined) {
        if (this.#waiting.length < ROOM) this.#release();
        yield event;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve;
        });
      }
    }
  }

  #release(): void {
    for (const wake of this.#wakeWriters.splice(0)) wake();
  }
}
