import { setTimeout as sleep } from 'node:timers/promises';
import { RequestError } from '../errors.ts';
import { abortedError } from './abort.ts';
import type { HttpOptions } from './http-options.ts';
import type { Failure } from './response.ts';
import type { Sending } from './sending.ts';

/** The retries of one request, and the waiting between them: full jitter (0.5 to 8 s by default), what the server asks for instead, and one deadline over all of it. */
export class Backoff {
  readonly #http: Pick<HttpOptions, 'retry' | 'random'>;
  readonly #sending: Sending;
  #retries = 0;
  #attempt = 1;

  constructor(http: Pick<HttpOptions, 'retry' | 'random'>, sending: Sending) {
    this.#http = http;
    this.#sending = sending;
  }

  /** Number of the attempt that is next, from 1. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Something came through: the count of failures in a row begins anew. */
  reset(): void {
    this.#retries = 0;
  }

  /**
   * Waits until the next attempt.
   *
   * @param leastMs at least so long, as `retry:` of a stream asks for
   * @throws RequestError the failure's own where there is no next attempt; `RETRY_LATER`, `ABORTED`
   */
  async next(failure: Failure, leastMs = 0): Promise<void> {
    const { error, status, retryAfterMs } = failure;
    const { maxRetries, maxDelayMs, initialDelayMs } = this.#http.retry;
    if (!error.retryable || this.#retries >= maxRetries) throw error;
    const jitter = this.#http.random() * Math.min(maxDelayMs, initialDelayMs * 2 ** this.#retries);
    const delayMs = Math.ceil(retryAfterMs ?? Math.max(jitter, leastMs));
    if (Date.now() + delayMs >= this.#sending.deadline) throw beyondDeadline(failure, delayMs);
    this.#retries += 1;
    this.#attempt += 1;
    const { onEvent, signal } = this.#sending.options;
    onEvent({
      type: 'retry_scheduled',
      attempt: this.#attempt,
      delay_ms: delayMs,
      code: error.code,
      status: status === 0 ? null : status,
    });
    try {
      await sleep(delayMs, undefined, { signal });
    } catch {
      throw abortedError(signal);
    }
  }
}

function beyondDeadline({ error, retryAfterMs }: Failure, delayMs: number): RequestError {
  if (retryAfterMs === null) return error;
  const notBefore = new Date(Math.min(Date.now() + delayMs, 8.64e15)).toISOString();
  return new RequestError('RETRY_LATER', `the server asks to be left alone until ${notBefore}`, {
    retryable: true,
    details: { ...error.details, not_before: notBefore },
    cause: error,
  });
}
