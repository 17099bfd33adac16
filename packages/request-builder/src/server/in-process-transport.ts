import { RequestError } from '../errors.ts';
import type { Planner } from '../protocol/planner.ts';
import { abortedError, orAborted } from './abort.ts';
import type { Transport } from './transport.ts';

/**
 * A planner in this process, without a server.
 *
 * Request and reply are copied as JSON, so that neither side can change what the other holds, and what works here works over HTTP.
 */
export function inProcessTransport(planner: Planner): Transport {
  return {
    async send(request, { signal, onEvent }) {
      onEvent({ type: 'attempt_started', attempt: 1 });
      try {
        signal.throwIfAborted();
        const planned = planner.plan(structuredClone(request), { signal });
        const text = JSON.stringify(await orAborted(planned, signal)) ?? 'null';
        const document: unknown = JSON.parse(text);
        return document;
      } catch (error) {
        if (signal.aborted) throw abortedError(signal);
        if (RequestError.is(error)) throw error;
        throw new RequestError('SERVER_PROBLEM', 'the planner failed', { cause: error });
      }
    },
  };
}
