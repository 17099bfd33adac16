import type { Capabilities } from '../protocol/capabilities.ts';
import type { Clarification } from '../protocol/clarification.ts';
import type { Playbook } from '../protocol/playbook.ts';
import type { PlaybookRequest } from '../protocol/request.ts';

/** What a transport reports while it works. Texts of the server are free of invisible characters, and only for display. */
export type TransportEvent =
  | { type: 'attempt_started'; attempt: number }
  | {
      type: 'retry_scheduled';
      attempt: number;
      delay_ms: number;
      code: string;
      status: number | null;
    }
  /** The server works on the request. */
  | { type: 'request_accepted' }
  | { type: 'plan_progress'; message: string; completed: number | null; total: number | null }
  | { type: 'plan_text'; text: string }
  /** A step that will probably be in the playbook; what runs is only what the preview shows. */
  | { type: 'plan_step'; step_id: string; title: string }
  /** The stream broke and is asked for again, from behind the last event that came; 0: from the first. */
  | { type: 'stream_resumed'; last_event_id: number }
  /** Events between these two never came. */
  | { type: 'stream_gap'; after: number; before: number }
  /** An event for display that did not follow the protocol was left out. */
  | { type: 'stream_event_dropped'; event: string; reason: string }
  /** After an abort the server was told to stop; null: it could not be told. */
  | { type: 'cancel_sent'; status: number | null };

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
   * @throws RequestError when there is no reply: `CONNECTION_FAILED`, `TIMEOUT`, `RETRY_LATER`, `UNAUTHORIZED`, `SERVER_PROBLEM`, `BAD_CONTENT_TYPE`, `BAD_RESPONSE`, `RESPONSE_TOO_LARGE`,
   * `STREAM_INCOMPLETE`, `PROTOCOL_UNSUPPORTED`, `CONTEXT_MISMATCH`, `ABORTED`
   */
  send(request: PlaybookRequest, options: SendOptions): Promise<unknown>;
  /**
   * What the other side can do, without sending a request.
   *
   * @throws RequestError as `send`
   */
  capabilities?(options: { signal: AbortSignal }): Promise<Capabilities>;
}

/** A reply that has been validated. */
export type Reply =
  | { kind: 'playbook'; playbook: Playbook }
  | { kind: 'clarification'; clarification: Clarification };
