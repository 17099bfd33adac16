import {
  documentDigest,
  PlanProgress,
  type Clarification,
  type Playbook,
  type Problem,
} from 'cloudops-request-builder/protocol';

/** An event as it goes over the wire. */
interface NumberedEvent {
  id: number;
  event: string;
  data: string;
}

/** More than a planner has to say; what it says beyond is not kept. */
const MAX_EVENTS = 5_000;

/**
 * The work on one request, and all that was said about it, so that a client that lost its connection can read on from any event.
 */
export class Work {
  readonly requestId: string;
  readonly #events: NumberedEvent[] = [];
  readonly #abort = new AbortController();
  #isOver = false;
  readonly #followers = new Set<() => void>();

  constructor(requestId: string) {
    this.requestId = requestId;
    this.#add('accepted', { request_id: requestId });
  }

  /** Aborted when the client has cancelled the request. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  cancel(): void {
    this.#abort.abort(new DOMException('The client cancelled the request.', 'AbortError'));
  }

  /** Tells whoever follows how it goes; what does not follow the protocol is not passed on. */
  report = (progress: PlanProgress): void => {
    const known = PlanProgress.safeParse(progress);
    if (this.#isOver || !known.success || this.#events.length >= MAX_EVENTS) return;
    this.#add(known.data.event, known.data.data);
  };

  finish(reply: Playbook | Clarification): void {
    this.#add(reply.schema === 'playbook/v1' ? 'playbook' : 'clarification', reply);
    this.#isOver = true;
    this.#add('done', { digest: documentDigest(reply) });
  }

  fail(problem: Problem): void {
    this.#isOver = true;
    this.#add('problem', problem);
  }

  /**
   * The stream from behind an event on, as text; a comment where nothing happens for `heartbeatMs`.
   *
   * @param after 0: from the first event
   */
  async *follow(after: number, heartbeatMs: number): AsyncGenerator<string> {
    // Comments reach through proxies that hold back what is short, and open the stream at once.
    yield ': stream\n\n';
    for (let next = after; ;) {
      const event = this.#events[next];
      if (event !== undefined) {
        next += 1;
        yield `id: ${event.id}\nevent: ${event.event}\ndata: ${event.data}\n\n`;
      } else if (this.#isOver) return;
      else if (!(await this.#changes(heartbeatMs))) yield ': heartbeat\n\n';
    }
  }

  #add(event: string, data: unknown): void {
    this.#events.push({ id: this.#events.length + 1, event, data: JSON.stringify(data) });
    for (const wake of this.#followers) wake();
  }

  /** False where nothing happened in time. */
  async #changes(milliseconds: number): Promise<boolean> {
    return await new Promise((resolve) => {
      const end = (isNew: boolean) => {
        clearTimeout(timer);
        this.#followers.delete(wake);
        resolve(isNew);
      };
      const wake = () => end(true);
      const timer = setTimeout(() => end(false), milliseconds);
      this.#followers.add(wake);
    });
  }
}
