import { once } from 'node:events';
import type { ScanReport } from 'cloudops-estate-scanner';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlaybookStep } from '../../src/protocol.ts';
import {
  ACCOUNT,
  builderWith,
  consent,
  instanceRecord,
  REGION,
  startWorld,
  type World,
} from './world.ts';

const id = 'i-0abc1234def567890';
const touch: PlaybookStep = {
  id: 's1',
  title: 'Touch',
  command: { type: 'shell', command: 'echo touched' },
  resources: ['r1'],
};

let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.storage.estate.upsert([{ record: instanceRecord(id) }]);
});
afterAll(async () => {
  await world.close();
});

/** What was stored of a conversation's last run. */
async function storedOutcome(conversation: string): Promise<string | undefined> {
  const messages = await world.storage.chat.recent(conversation);
  return messages.find(({ role }) => role === 'execution')?.content;
}

describe('the scan of what a run has changed', () => {
  // These stand for scans that take minutes or go wrong; a real one is in whole-way.test.ts.
  it('ends with the signal of the caller, and the outcome is stored before it begins', async () => {
    const conversation_id = 'aborted-refresh';
    const caller = new AbortController();
    const seen: { keys: readonly string[]; stored: string | undefined }[] = [];
    const scanner = {
      refresh: async (keys: readonly string[], options?: { signal?: AbortSignal }) => {
        seen.push({ keys, stored: await storedOutcome(conversation_id) });
        const { signal } = options ?? {};
        if (signal === undefined) throw new Error('expected a signal');
        setImmediate(() => caller.abort());
        await once(signal, 'abort');
        throw new Error('the scan was aborted');
      },
    };
    const { builder, events } = builderWith(world, () => ({ steps: [touch] }), { scanner });
    const result = await builder.ask({
      message: 'touch the staging web server',
      conversation_id,
      signal: caller.signal,
      ...consent(builder),
    });
    if (result.kind !== 'outcome') throw new Error('expected an outcome');
    expect(result.outcome).toMatchObject({
      status: 'completed',
      refreshed: [],
      warnings: [{ code: 'REFRESH_ABORTED' }],
    });
    expect(seen).toEqual([
      {
        keys: [`${ACCOUNT}-${REGION}-ec2:instance/${id}`],
        stored: expect.stringContaining('touched'),
      },
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'warning', code: 'REFRESH_ABORTED' });
    expect(await storedOutcome(conversation_id)).toContain('The playbook completed.');
  });

  it('that goes wrong is a warning', async () => {
    const scanner = { refresh: (): Promise<ScanReport> => Promise.reject(new Error('no way')) };
    const { builder } = builderWith(world, () => ({ steps: [touch] }), { scanner });
    const result = await builder.ask({
      message: 'touch the staging web server',
      conversation_id: 'failed-refresh',
      ...consent(builder),
    });
    if (result.kind !== 'outcome') throw new Error('expected an outcome');
    expect(result.outcome.warnings).toEqual([{ code: 'REFRESH_FAILED', message: 'no way' }]);
  });
});
