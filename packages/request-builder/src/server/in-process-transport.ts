import { RequestError } from '../errors.ts';
import type { Planner } from '../protocol/planner.ts';
import { PROTOCOL_VERSION } from '../protocol/request.ts';
import type { PlanProgress } from '../protocol/stream-event.ts';
import { abortedError, orAborted } from './abort.ts';
import { shownEvent } from './stream/stream-state.ts';
import type { Transport } from './transport.ts';

/**
 * A planner in this process, without a server.
 *
 * Request and reply are copied as JSON, so that neither side can change what the other holds, and what works here works over HTTP.
 */
export function inProcessTransport(
  planner: Planner,
): Transport & Required<Pick<Transport, 'capabilities'>> {
  return {
    async send(request, { signal, onEvent }) {
      onEvent({ type: 'attempt_started', attempt: 1 });
      try {
        signal.throwIfAborted();
        const report = (progress: PlanProgress) => {
          if (!signal.aborted) onEvent(shownEvent(progress));
        };
        const planned = planner.plan(structuredClone(request), { signal, report });
        const text = JSON.stringify(await orAborted(planned, signal)) ?? 'null';
        const document: unknown = JSON.parse(text);
        return document;
      } catch (error) {
        if (signal.aborted) throw abortedError(signal);
        if (RequestError.is(error)) throw error;
        throw new RequestError('SERVER_PROBLEM', 'the planner failed', { cause: error });
      }
    },
    capabilities: async () => ({
      schema: 'capabilities/v1',
      protocols: [PROTOCOL_VERSION],
      server: null,
      streaming: true,
      cancel: true,
      max_request_bytes: null,
    }),
  };
}
