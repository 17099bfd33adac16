import { randomBytes } from 'node:crypto';
import { findingsOf, RequestError } from '../errors.ts';
import { Capabilities, CAPABILITIES_PATH, speaksVersion1 } from '../protocol/capabilities.ts';
import { callServer } from './http-call.ts';
import type { HttpOptions } from './http-options.ts';
import type { Failure } from './response.ts';
import type { CallContext, Sending } from './sending.ts';
import { TimeBound } from './time-bound.ts';

/** Refusals that may mean that there is no version 1 at that address. */
const telling: ReadonlySet<number> = new Set([404, 406, 410, 426, 501, 505]);
/** For a look at the capabilities after a refusal, which may have no more than its share of the time. */
const EXPLAIN_MS = 5000;

/**
 * Asks a server what it can do.
 *
 * @throws RequestError `PROTOCOL_UNSUPPORTED` where it does not speak version 1; `BAD_RESPONSE`, as a request
 */
export async function askCapabilities(
  http: HttpOptions,
  signal: AbortSignal,
): Promise<Capabilities> {
  const context = { signal, traceId: randomBytes(16).toString('hex'), refreshed: null };
  const capabilities = await readCapabilities(http, context, http.timeoutMs);
  if (speaksVersion1(capabilities.protocols)) return capabilities;
  throw unsupported(capabilities.protocols);
}

/**
 * The error of a refusal; where the server turns out to speak other versions only, one that says so.
 *
 * @throws RequestError `ABORTED`
 */
export async function explainRefusal(
  http: HttpOptions,
  sending: Sending,
  { error, status }: Failure,
): Promise<RequestError> {
  const code = JSON.stringify(error.details['problem_code'] ?? 'NOT_FOUND');
  const isUnclear = telling.has(status) && /NOT_FOUND|GONE|VERSION|PROTOCOL|ACCEPTABLE/i.test(code);
  if (!isUnclear || error.code === 'PROTOCOL_UNSUPPORTED') return error;
  const left = Math.min(EXPLAIN_MS, http.timeoutMs, sending.deadline - Date.now());
  try {
    const { protocols } = await readCapabilities(http, sending, left);
    return speaksVersion1(protocols) ? error : unsupported(protocols, error);
  } catch (failure) {
    if (sending.signal.aborted) throw failure;
    // It has no capabilities to tell: the refusal stands as it is.
    return error;
  }
}

async function readCapabilities(
  http: HttpOptions,
  context: CallContext,
  milliseconds: number,
): Promise<Capabilities> {
  const bound = new TimeBound(context.signal, milliseconds);
  try {
    const call = { method: 'GET', path: CAPABILITIES_PATH, accept: 'application/json' } as const;
    const received = await callServer(http, context, call, bound);
    if (received.kind === 'failure') throw received.error;
    const parsed = Capabilities.safeParse(received.kind === 'document' ? received.document : null);
    if (parsed.success) return parsed.data;
    throw new RequestError('BAD_RESPONSE', 'the capabilities of the server do not validate', {
      details: {
        errors: findingsOf(parsed.error).map(({ pointer, message }) => ({ pointer, message })),
      },
    });
  } finally {
    bound.end();
  }
}

function unsupported(protocols: readonly string[], cause?: RequestError): RequestError {
  return new RequestError(
    'PROTOCOL_UNSUPPORTED',
    `the server speaks ${protocols.join(', ')} of the protocol, and this client version 1`,
    { details: { protocols: [...protocols] }, cause },
  );
}
