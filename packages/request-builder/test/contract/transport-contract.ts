import { describe, expect, it } from 'vitest';
import { RequestError, type Transport, type TransportEvent } from '../../src/index.ts';
import type { Planner, PlaybookRequest } from '../../src/protocol.ts';
import { somePlaybook, someRequest } from '../unit/playbooks.ts';

/** A transport to a planner, and how it is taken down. */
export interface TransportUnderTest extends AsyncDisposable {
  transport: Transport;
}

/** What every transport does, whatever is between it and the planner. */
export function describeTransport(
  name: string,
  connect: (planner: Planner) => Promise<TransportUnderTest>,
): void {
  const never = new AbortController().signal;
  async function sendTo(planner: Planner, request = someRequest(), signal = never) {
    await using connected = await connect(planner);
    const events: TransportEvent[] = [];
    const options = {
      idempotencyKey: 'key-1',
      signal,
      onEvent: (event: TransportEvent) => events.push(event),
    };
    const outcome = await connected.transport.send(request, options).then(
      (document) => ({ document, error: null }),
      (error: unknown) => {
        if (!RequestError.is(error)) throw error;
        return { document: null, error };
      },
    );
    return { ...outcome, events };
  }

  describe(`the transport ${name}`, () => {
    it('brings the request as it is, and the reply as JSON', async () => {
      const received: PlaybookRequest[] = [];
      const { document, events } = await sendTo({
        plan: async (request) => {
          received.push(request);
          return somePlaybook();
        },
      });
      expect(received).toEqual([someRequest()]);
      expect(document).toEqual(JSON.parse(JSON.stringify(somePlaybook())));
      expect(events[0]).toEqual({ type: 'attempt_started', attempt: 1 });
    });

    it('brings a clarification', async () => {
      const asked = {
        schema: 'clarification/v1',
        request_id: 'request-1',
        text: 'Which?',
      } as const;
      expect((await sendTo({ plan: async () => asked })).document).toEqual(asked);
    });

    it('tells what the planner reports, free of invisible characters, and leaves out what is no report', async () => {
      const { document, events } = await sendTo({
        plan: async (_request, { report }) => {
          report?.({
            event: 'progress',
            data: { message: 'look\u202eing', completed: 1, total: 2 },
          });
          report?.({ event: 'text.delta', data: { text: 'One.' } });
          report?.({ event: 'step.preview', data: { id: 's1', title: 'Look' } });
          await new Promise((resolve) => setTimeout(resolve, 60));
          return somePlaybook();
        },
      });
      expect(document).toBeDefined();
      expect(events.filter(({ type }) => type.startsWith('plan_'))).toEqual([
        { type: 'plan_progress', message: 'looking', completed: 1, total: 2 },
        { type: 'plan_text', text: 'One.' },
        { type: 'plan_step', step_id: 's1', title: 'Look' },
      ]);
    });

    it('lets the planner change nothing of what the caller holds', async () => {
      const request = someRequest();
      await sendTo(
        {
          plan: async (given) => {
            given.message.text = 'something else';
            return somePlaybook();
          },
        },
        request,
      );
      expect(request).toEqual(someRequest());
    });

    it.each<[string, () => never]>([
      [
        'throws',
        () => {
          throw new Error('secret detail');
        },
      ],
      [
        'throws no error',
        () => {
          // eslint-disable-next-line no-throw-literal
          throw 'nothing';
        },
      ],
    ])('says SERVER_PROBLEM where the planner %s', async (_how, plan) => {
      const { error } = await sendTo({ plan: async () => plan() });
      expect(error?.code).toBe('SERVER_PROBLEM');
      expect(error?.message).not.toContain('secret detail');
    });

    it('ends at once when the caller aborts, and tells the planner', async () => {
      const controller = new AbortController();
      let isTold = false;
      let at = 0;
      const { error } = await sendTo(
        {
          plan: async (_request, { signal }) => {
            signal.addEventListener('abort', () => {
              isTold = true;
            });
            setTimeout(() => {
              at = performance.now();
              controller.abort();
            }, 60);
            return await new Promise(() => {});
          },
        },
        someRequest(),
        controller.signal,
      );
      // 50 ms is the goal; this only tells it from hanging, on a busy machine too.
      expect(performance.now() - at).toBeLessThan(2000);
      expect(error?.code).toBe('ABORTED');
      await expect.poll(() => isTold).toBe(true);
    });

    it('sends nothing for a caller that has aborted before', async () => {
      let calls = 0;
      const plan = async () => {
        calls += 1;
        return somePlaybook();
      };
      const { error } = await sendTo({ plan }, someRequest(), AbortSignal.abort());
      expect(error?.code).toBe('ABORTED');
      expect(calls).toBe(0);
    });

    it('tells what the other side can do', async () => {
      await using connected = await connect({ plan: async () => somePlaybook() });
      const capabilities = await connected.transport.capabilities?.({ signal: never });
      expect(capabilities).toMatchObject({ schema: 'capabilities/v1', protocols: ['1.0'] });
    });
  });
}
