import type { ExecutionEvent } from '../events.ts';
import type { Journal } from '../logs/journal.ts';
import { replay } from '../logs/replay.ts';
import { Signal } from '../logs/signal.ts';
import { SlotQueue } from '../scheduling/queue.ts';
import type { TrackedPlan } from '../registry.ts';

/** Logs of ended steps that are read at once: each holds descriptors, and a plan may have thousands. */
const READERS = 16;

/** Events that wait for the consumer before the readers pause. */
const BUFFERED_EVENTS = 256;

/**
 * Everything of a plan and its steps: the plan's own events and, between them, those of the steps as they come, each
 * with its own `execution_id` and `seq`. The plan's last event is the last of all.
 */
export async function* planEvents(
  run: TrackedPlan,
  signal?: AbortSignal,
): AsyncGenerator<ExecutionEvent> {
  const abandoned = new AbortController();
  const stop =
    signal === undefined ? abandoned.signal : AbortSignal.any([signal, abandoned.signal]);
  const merged = new Merger(stop);
  const readers = new SlotQueue(READERS);
  const following = followSteps(run, merged, readers, stop);
  const own = merged.add(run.journal);
  void Promise.allSettled([following, own]).then(() => merged.finish());
  try {
    let last: ExecutionEvent | null = null;
    for await (const event of merged.events()) {
      const isLast = event.execution_id === run.id && 'result' in event;
      if (isLast) last = event;
      else yield event;
    }
    if (last !== null) yield last;
  } finally {
    abandoned.abort();
  }
}

async function followSteps(
  run: TrackedPlan,
  merged: Merger,
  readers: SlotQueue,
  stop: AbortSignal,
): Promise<void> {
  const reading: Promise<void>[] = [];
  let next = 0;
  while (!stop.aborted) {
    const over = run.journal.ended;
    for (const execution of run.started.slice(next)) {
      next += 1;
      reading.push(readStep(execution.journal, merged, readers, stop));
    }
    if (over) break;
    await run.changed.wait(stop);
  }
  await Promise.allSettled(reading);
}

async function readStep(
  journal: Journal,
  merged: Merger,
  readers: SlotQueue,
  stop: AbortSignal,
): Promise<void> {
  // What still runs is read from memory, and there is no more of it than the engine allows.
  const release = journal.ended ? await readers.acquire(0, stop) : null;
  try {
    await merged.add(journal);
  } finally {
    release?.();
  }
}

/** Several streams of events as one, in order of arrival, with a bounded buffer between. */
class Merger {
  readonly #stop: AbortSignal;
  readonly #changed = new Signal();
  #buffer: ExecutionEvent[] = [];
  #finished = false;
  #error: unknown = null;

  constructor(stop: AbortSignal) {
    this.#stop = stop;
  }

  async add(journal: Journal): Promise<void> {
    try {
      for await (const event of replay(journal, this.#stop)) {
        this.#buffer.push(event);
        this.#changed.notify();
        while (this.#buffer.length >= BUFFERED_EVENTS && !this.#stop.aborted) {
          await this.#changed.wait(this.#stop);
        }
      }
    } catch (error) {
      this.#error ??= error;
    }
  }

  finish(): void {
    this.#finished = true;
    this.#changed.notify();
  }

  async *events(): AsyncGenerator<ExecutionEvent> {
    while (!this.#stop.aborted) {
      const ready = this.#buffer;
      this.#buffer = [];
      if (ready.length > 0) this.#changed.notify();
      yield* ready;
      if (ready.length > 0) continue;
      if (this.#finished) break;
      await this.#changed.wait(this.#stop);
    }
    if (this.#error !== null) throw this.#error;
  }
}
