import type { EventSourceMessage } from 'eventsource-parser';
import { z } from 'zod';
import { sanitize } from '../../context/sanitize.ts';
import { RequestError } from '../../errors.ts';
import { findStructureFault } from '../../playbook/structure.ts';
import { documentDigest } from '../../protocol/digest.ts';
import { Problem } from '../../protocol/problem.ts';
import { AcceptedData, DoneData, PlanProgress } from '../../protocol/stream-event.ts';
import { problemError } from '../problem-error.ts';
import type { TransportEvent } from '../transport.ts';

/** The document that a stream brought, as parsed JSON that nobody has validated yet. */
interface Brought {
  document: unknown;
  digest: string;
}

const EventId = z.string().regex(/^\d{1,15}$/);

/**
 * What has come of one reply over all connections that it took: events that came twice are dropped, missing ones noticed, and the document counts when `done` confirms it.
 */
export class StreamState {
  readonly #requestId: string;
  readonly #onEvent: (event: TransportEvent) => void;
  #lastEventId = 0;
  /** The event before the first one that is missing. */
  #gapAfter: number | null = null;
  #brought: Brought | null = null;
  #isDone = false;

  constructor(requestId: string, onEvent: (event: TransportEvent) => void) {
    this.#requestId = requestId;
    this.#onEvent = onEvent;
  }

  /** Id of the last event, 0 before the first. */
  get lastEventId(): number {
    return this.#lastEventId;
  }

  /** What the stream was for, once `done` has confirmed it. */
  get result(): { document: unknown } | null {
    return this.#isDone ? this.#brought : null;
  }

  /**
   * Takes the next event.
   *
   * @returns false for one that had come before
   * @throws RequestError `BAD_RESPONSE` where it breaks the protocol, `CONTEXT_MISMATCH` for another request's, `SERVER_PROBLEM`, `UNAUTHORIZED` or `PROTOCOL_UNSUPPORTED` for a problem
   */
  take({ id, event = 'message', data }: EventSourceMessage): boolean {
    if (id !== undefined && !this.#isNext(id)) return false;
    switch (event) {
      case 'accepted': {
        const accepted = controlData(AcceptedData, event, data);
        if (accepted.request_id !== this.#requestId) {
          throw new RequestError('CONTEXT_MISMATCH', 'the stream answers another request');
        }
        this.#onEvent({ type: 'request_accepted' });
        break;
      }
      case 'playbook':
      case 'clarification':
        this.#bring(event, parsed(event, data));
        break;
      case 'problem': {
        const problem = controlData(Problem, event, data);
        throw problemError(problem.status ?? 500, problem);
      }
      case 'done':
        this.#finish(controlData(DoneData, event, data).digest);
        break;
      default:
        this.#onEvent(shownEvent({ event, data: jsonOf(data) }));
    }
    return true;
  }

  #isNext(text: string): boolean {
    const id = EventId.safeParse(text);
    if (!id.success) throw broken(`the id of an event is no number: ${text.slice(0, 50)}`);
    const next = Number(id.data);
    const last = this.#lastEventId;
    if (next <= last) return false;
    if (next > last + 1) {
      this.#gapAfter ??= last;
      this.#onEvent({ type: 'stream_gap', after: last, before: next });
    }
    this.#lastEventId = next;
    return true;
  }

  #bring(event: string, document: unknown): void {
    const fault = findStructureFault(document);
    if (fault !== null) throw broken(`the ${event} is ${fault.message}`);
    const digest = documentDigest(document);
    if (this.#brought !== null && this.#brought.digest !== digest) {
      throw broken('there are two different replies to one request');
    }
    this.#brought = { document, digest };
  }

  #finish(digest: string): void {
    if (this.#brought !== null) {
      if (this.#brought.digest !== digest)
        throw broken('the digest in done is not that of the reply');
      this.#isDone = true;
      return;
    }
    if (this.#gapAfter === null) throw broken('the stream is done without a reply');
    // What is missing may be the reply: it is asked for again from before the gap.
    this.#lastEventId = this.#gapAfter;
    this.#gapAfter = null;
  }
}

/** What a planner reports, as an event of the transport: for display, so nothing invisible may be in it, and what does not follow the protocol costs nobody the reply. */
export function shownEvent(reported: { event: string; data: unknown }): TransportEvent {
  const known = PlanProgress.safeParse(reported);
  if (known.success) return progressEvent(known.data);
  const { event } = reported;
  const isKnown = ['progress', 'text.delta', 'step.preview'].includes(event);
  const reason = isKnown ? 'it does not follow the protocol' : 'its name is not known';
  return { type: 'stream_event_dropped', event: visible(event).slice(0, 100), reason };
}

function progressEvent(progress: PlanProgress): TransportEvent {
  if (progress.event === 'text.delta')
    return { type: 'plan_text', text: visible(progress.data.text) };
  if (progress.event === 'step.preview') {
    const { id, title } = progress.data;
    return { type: 'plan_step', step_id: id, title: visible(title) };
  }
  const { message, completed, total } = progress.data;
  return {
    type: 'plan_progress',
    message: visible(message),
    completed: completed ?? null,
    total: total ?? null,
  };
}

function controlData<Data>(schema: z.ZodType<Data>, event: string, data: string): Data {
  const checked = schema.safeParse(parsed(event, data));
  if (checked.success) return checked.data;
  throw broken(`the data of ${event} do not follow the protocol`);
}

function parsed(event: string, data: string): unknown {
  const value = jsonOf(data);
  if (value === undefined) throw broken(`the data of ${event} are no JSON`);
  return value;
}

function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

function visible(text: string): string {
  return sanitize(text).text;
}

function broken(message: string): RequestError {
  return new RequestError('BAD_RESPONSE', message);
}
