import type { PlaybookRequest } from '../protocol/request.ts';
import type { IssuedToken } from './token-source.ts';
import type { SendOptions } from './transport.ts';

/** What the calls on behalf of one caller share. */
export interface CallContext {
  /** The caller's. */
  readonly signal: AbortSignal;
  /** 32 hexadecimal digits of the W3C trace context. */
  readonly traceId: string;
  /** The token that came of a refresh, of which there is one at most. */
  refreshed: IssuedToken | null;
}

/** One request on its way: what all of its attempts share. */
export interface Sending extends CallContext {
  readonly request: PlaybookRequest;
  readonly options: SendOptions;
  /** Epoch milliseconds. */
  readonly deadline: number;
}
