import { setTimeout as delay } from 'node:timers/promises';
import { failureFrom } from '../errors.ts';
import { canonicalJson } from '../json.ts';
import type { Json } from '../json.ts';
import type { Journal } from '../logs/journal.ts';
import type { Masker } from '../masking/masker.ts';
import { Capture } from '../output/capture.ts';
import { ownIdentity } from '../process/identity.ts';
import type { ExecutionRequest } from '../request.ts';
import type { ExecutionResult, ExecutionStatus } from '../result.ts';
import { bodyDigest, isDigestOf } from '../state/body-digest.ts';
import type { LaunchTicket, StateRecord } from '../state/record.ts';
import { lostSecrets, withoutSecrets, withoutUnlogged } from '../state/secrets-apart.ts';
import type { StopCause } from './attempt.ts';
import type { ExecutionContext, Inheritance } from './context.ts';
import { KeptResult } from './kept-result.ts';
import { resultOf, retryDelayMs } from './outcome.ts';
import type { AttemptOutcome } from './outcome.ts';
import { runOnce } from './run-once.ts';

const NOTHING_SAID = new Capture(0).finish();

/** One accepted request, from the queue to its result. */
export class Execution {
  readonly kind = 'execution';
  readonly id: string;
  readonly request: ExecutionRequest;
  readonly journal: Journal;
  readonly acceptedAt: number;
  /** Resolves when it is stored, and so will not be forgotten. Never rejects: what goes wrong is in the result. */
  readonly accepted: Promise<void>;
  /** Its end. Never rejects. */
  readonly #end: Promise<KeptResult>;
  readonly #context: ExecutionContext;
  readonly #masker: Masker;
  readonly #stop = new AbortController();
  #inherited: Inheritance | null;
  /** Its digest; null until one is needed. Of what an earlier engine accepted not everything may be known any more. */
  #body: string | null;
  #status: ExecutionStatus;
  #startedAt: number | null;
  #attempts: number;
  #outputBytes = 0;
  /** Since its first start under this engine, on a clock that nobody sets. */
  #begunAt: number | null = null;
  /** Gives up what the launcher keeps of each attempt. */
  readonly #releases: (() => void)[] = [];
  #output = { stdout: NOTHING_SAID, stderr: NOTHING_SAID };

  /** @param inherited where an earlier engine accepted it and died */
  constructor(
    id: string,
    request: ExecutionRequest,
    journal: Journal,
    context: ExecutionContext,
    inherited: Inheritance | null = null,
  ) {
    this.id = id;
    this.request = request;
    this.journal = journal;
    this.#context = context;
    this.#inherited = inherited;
    this.#status = inherited?.ticket == null ? 'queued' : 'running';
    this.acceptedAt = inherited?.acceptedAt ?? Date.now();
    this.#startedAt = inherited?.startedAt ?? null;
    this.#attempts = inherited?.attempts ?? 0;
    this.#body = inherited?.body ?? null;
    // Further attempts get what a variable of this process says by now.
    this.#masker = context.secrets.masker([
      ...(inherited?.secretValues ?? []),
      ...secretValues(request),
    ]);
    const stored = this.#save(null, null);
    this.accepted = stored.catch(() => {});
    this.#end = this.#run(stored);
  }

  /** Resolves when it has ended, and never rejects. */
  get ended(): Promise<ExecutionResult> {
    return this.#end.then((kept) => kept.read());
  }

  /** Where it stands. A terminal status means that log and result are complete. */
  get status(): ExecutionStatus {
    return this.#status;
  }

  /** Whatever the caller wanted to be kept with it. */
  get metadata(): Record<string, Json> {
    return this.request.metadata ?? {};
  }

  /** Whether this is what was asked for under its id. */
  hasBody(body: object): boolean {
    if (this.#body !== null) return isDigestOf(this.#body, body);
    return canonicalJson({ ...this.request, id: null }) === canonicalJson({ ...body, id: null });
  }

  /** Asks it to end, and resolves once it has. */
  async cancel(): Promise<'cancelled' | 'already_finished'> {
    this.#requestStop('cancel');
    await this.#end;
    return this.#status === 'cancelled' ? 'cancelled' : 'already_finished';
  }

  #requestStop(cause: StopCause): void {
    this.#stop.abort(cause);
  }

  async #run(stored: Promise<void>): Promise<KeptResult> {
    let outcome: AttemptOutcome;
    try {
      await stored;
      outcome = await this.#attemptAll();
    } catch (error) {
      outcome = { ran: false, failure: failureFrom(error) };
    }
    await this.journal.flush();
    const logFailure = this.journal.failure;
    if (logFailure !== null) outcome = { ...outcome, failure: failureFrom(logFailure) };
    const result = this.#result(this.#masked(outcome));
    // A result that cannot be stored is still one; after a restart the execution will be found interrupted.
    await this.#save(null, result).catch((error: unknown) => this.#context.onUnstored(error));
    for (const release of this.#releases) release();
    this.#status = result.status;
    this.#context.meter.ended(result, this.#outputBytes);
    this.journal.end({ type: result.status, result });
    this.#output = { stdout: NOTHING_SAID, stderr: NOTHING_SAID };
    const kept = new KeptResult(result, this.journal, this.#captureBytes);
    this.#context.shelf.add(kept);
    return kept;
  }

  async #attemptAll(): Promise<AttemptOutcome> {
    const inherited = this.#inherited;
    this.#inherited = null;
    let outcome: AttemptOutcome | null = null;
    if (inherited !== null) {
      if (inherited.ticket === null) return INTERRUPTED;
      // It runs already: it needs no turn.
      const release = this.#context.queue.take();
      outcome = await this.#attempt({ ...inherited, ticket: inherited.ticket });
      release();
      // Without its secrets it would be another command.
      if (lostSecrets(this.request).length > 0) return outcome;
    }
    const { signal } = this.#stop;
    const { queue, shareOf } = this.#context;
    const { command, priority } = this.request;
    for (;;) {
      if (outcome !== null) {
        const pauseMs = retryDelayMs(this.request.retry ?? null, this.#attempts, outcome);
        if (pauseMs === null) return outcome;
        await delay(pauseMs, undefined, { signal }).catch(() => {});
      }
      const share = () => shareOf(command);
      const release = await queue.acquire(priority ?? 0, signal, share);
      if (release === null) return CANCELLED_EARLY;
      outcome = await this.#attempt(null);
      release();
    }
  }

  async #attempt(
    inherited: (Inheritance & { ticket: LaunchTicket }) | null,
  ): Promise<AttemptOutcome> {
    this.#status = 'running';
    this.#startedAt ??= Date.now();
    this.#begunAt ??= performance.now() - Math.max(0, Date.now() - this.#startedAt);
    if (inherited === null) this.#attempts += 1;
    const { outcome, output, bytes } = await runOnce({
      id: this.id,
      request: this.request,
      attempt: this.#attempts,
      startedAt: this.#startedAt,
      journal: this.journal,
      masker: this.#masker,
      context: this.#context,
      stop: this.#stop.signal,
      inherited,
      onTicket: (ticket) => this.#save(ticket, null),
      onLogFailure: () => this.#requestStop('log_failure'),
    });
    this.#output = output;
    if (outcome.ran) this.#releases.push(outcome.end.release);
    this.#outputBytes += bytes;
    return outcome;
  }

  get #captureBytes(): number {
    return this.request.max_capture_bytes ?? this.#context.maxCaptureBytes;
  }

  /** Messages may quote arguments and paths. */
  #masked(outcome: AttemptOutcome): AttemptOutcome {
    if (outcome.failure === null) return outcome;
    const { code, message } = outcome.failure;
    return { ...outcome, failure: { code, message: this.#masker.maskText(message) } };
  }

  #result(outcome: AttemptOutcome): ExecutionResult {
    return resultOf({
      id: this.id,
      outcome,
      output: this.#output,
      startedAt: this.#startedAt,
      durationMs: this.#begunAt === null ? 0 : performance.now() - this.#begunAt,
      logPath: (this.request.log ?? true) ? this.journal.path : null,
      attempts: this.#attempts,
      metadata: this.metadata,
    });
  }

  async #save(ticket: LaunchTicket | null, result: ExecutionResult | null): Promise<void> {
    const { store } = this.#context;
    if (!store.durable) return;
    const { plan_id, step_id } = this.journal.scope;
    const inheritedTicket = this.#inherited?.ticket ?? null;
    const record: StateRecord = {
      version: 1,
      kind: 'execution',
      id: this.id,
      owner: ownIdentity(),
      accepted_at: this.acceptedAt,
      body: (this.#body ??= bodyDigest(this.request)),
      ...(plan_id !== undefined && { plan_id }),
      ...(step_id !== undefined && { step_id }),
      request: result === null ? withoutSecrets(this.request) : null,
      metadata: this.metadata,
      started_at: this.#startedAt,
      attempts: this.#attempts,
      ticket: ticket ?? inheritedTicket,
      result: result && withoutUnlogged(result, this.request),
    };
    // Of a process that was launched nothing is left after a power failure.
    await (ticket === null ? store.save(record) : store.note(record));
  }
}

const CANCELLED_EARLY: AttemptOutcome = {
  ran: false,
  failure: { code: 'CANCELLED', message: 'cancelled before it started' },
};

const INTERRUPTED: AttemptOutcome = {
  ran: false,
  failure: { code: 'INTERRUPTED', message: 'its host died before it started' },
};

/** The values of the variables that the request calls secret, from wherever the command gets them. */
function secretValues(request: ExecutionRequest): string[] {
  const inherited = (request.inherit_env ?? true) ? process.env : {};
  return (request.secrets ?? []).flatMap((name) => request.env?.[name] ?? inherited[name] ?? []);
}
