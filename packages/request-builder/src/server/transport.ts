import type { Clarification } from '../protocol/clarification.ts';
import type { Playbook } from '../protocol/playbook.ts';
import type { PlaybookRequest } from '../protocol/request.ts';

/** What a transport reports while it works. */
export type TransportEvent =
  | { type: 'attempt_started'; attempt: number }
  | {
      type: 'retry_scheduled';
      attempt: number;
      delay_ms: number;
      code: string;
      status: number | null;
    };

export interface SendOptions {
  /** The same for every attempt to send one request; already written to the journal. */
  idempotencyKey: string;
  signal: AbortSignal;
  onEvent: (event: TransportEvent) => void;
}

/** The way to whoever plans. */
export interface Transport {
  /**
   * Sends a request and returns the reply as parsed JSON, which nobody has validated yet.
   *
   * @throws RequestError when there is no reply: `CONNECTION_FAILED`, `TIMEOUT`, `RETRY_LATER`, `UNAUTHORIZED`, `SERVER_PROBLEM`, `BAD_CONTENT_TYPE`, `BAD_RESPONSE`, `RESPONSE_TOO_LARGE`, `ABORTED`
   */
  send(request: PlaybookRequest, options: SendOptions): Promise<unknown>;
}

/** A reply that has been validated. */
export type Reply =
  | { kind: 'playbook'; playbook: Playbook }
  | { kind: 'clarification'; clarification: Clarification };
