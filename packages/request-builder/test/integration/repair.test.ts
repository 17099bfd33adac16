import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AskResult } from '../../src/index.ts';
import type { PlaybookRequest, PlaybookStep } from '../../src/protocol.ts';
import { builderWith, consent, refusal, startWorld, type Draft, type World } from './world.ts';

let world: World;
let ran = '';
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(({ task }) => {
  ran = join(world.folder, task.id);
});
afterAll(async () => {
  await world.close();
});

/** A step that notes that it ran, and then does more. */
function note(id: string, more = 'true', part: Partial<PlaybookStep> = {}): PlaybookStep {
  const command = { type: 'shell', command: `echo ${id} >> ${ran}; ${more}` } as const;
  return { id, title: id, command, ...part };
}

async function whatRan(): Promise<string[]> {
  return (await readFile(ran, 'utf8')).trim().split('\n');
}

/** Answers with one draft after the other. */
function inTurn(...drafts: (() => Draft)[]): (request: PlaybookRequest) => Draft {
  return () => {
    const next = drafts.shift();
    if (next === undefined) throw new Error('asked once too often');
    return next();
  };
}

async function ask(
  plan: (request: PlaybookRequest) => Draft,
  repairs: number,
): Promise<{ result: Extract<AskResult, { kind: 'outcome' }>; requests: PlaybookRequest[] }> {
  const { builder, requests } = builderWith(world, plan);
  const message = { message: 'do it', conversation_id: ran };
  const result = await builder.ask({ ...message, repairs, ...consent(builder) });
  if (result.kind !== 'outcome') throw new Error('expected an outcome');
  return { result, requests };
}

const prints: Partial<PlaybookStep> = { outputs: { id: { from: 'stdout' } } };
const broken = () => note('fails', 'echo password=hunter2hunter2 is wrong >&2; exit 3');

describe('a repair', () => {
  it('tells the server what failed, and goes on after what was completed with its outputs', async () => {
    const { result, requests } = await ask(
      inTurn(
        () => ({ steps: [note('made', 'printf i-1', prints), broken(), note('last')] }),
        () => ({
          steps: [
            note('made', 'printf i-1', prints),
            {
              id: 'mended',
              title: 'Mended',
              command: { type: 'exec', program: 'echo', args: [{ $ref: 'steps.made.outputs.id' }] },
              depends_on: ['made'],
            },
            note('last'),
          ],
        }),
      ),
      2,
    );
    expect(result.outcome.status).toBe('completed');
    expect(result.outcome.steps).toMatchObject([
      { id: 'made', status: 'completed', reason: 'completed by the run that was repaired' },
      { id: 'mended', status: 'completed', stdout: 'i-1\n' },
      { id: 'last', status: 'completed' },
    ]);
    expect(await whatRan()).toEqual(['made', 'fails', 'last']);
    expect(requests[1]?.repair).toMatchObject({
      failed_step: 'fails',
      exit_code: 3,
      completed: ['made'],
      attempt: 1,
    });
    expect(requests[1]?.repair?.stderr).toContain('is wrong');
    expect(JSON.stringify(requests)).not.toContain('hunter2');
    const messages = await world.storage.chat.recent(ran);
    expect(messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'execution',
      'assistant',
      'execution',
    ]);
  });

  it('is made twice at most', async () => {
    const failing = (words: string) => () => ({
      steps: [note('fails', `echo ${words} >&2; exit 1`)],
    });
    const drafts = inTurn(failing('one'), failing('two'), failing('three'), failing('four'));
    const { result, requests } = await ask(drafts, 3);
    expect(result.outcome.status).toBe('failed');
    expect(requests.map(({ repair }) => repair?.attempt ?? 0)).toEqual([0, 1, 2]);
    expect(result.outcome.warnings).toMatchObject([{ code: 'REPAIR_REFUSED' }]);
  });

  it('ends where the same failure comes again, other ids and times in it or not', async () => {
    const failing = (id: string) => () => ({
      steps: [note('fails', `echo request ${id} refused >&2; exit 1`)],
    });
    const first = '11111111-2222-3333-4444-555555555555';
    const drafts = inTurn(failing(first), failing(first.replaceAll('1', 'a')), failing('never'));
    const { result, requests } = await ask(drafts, 2);
    expect(requests).toHaveLength(2);
    expect(result.outcome.warnings[0]?.message).toContain('fails again as it did before');
  });

  it('cannot put other work under the id of a completed step', async () => {
    const { result } = await ask(
      inTurn(
        () => ({ steps: [note('made'), broken()] }),
        () => ({ steps: [note('made', 'echo other'), note('new')] }),
      ),
      1,
    );
    expect(result.outcome.status).toBe('failed');
    expect(result.outcome.warnings).toMatchObject([
      { code: 'PLAN_INVALID', message: expect.stringContaining('/steps/0') },
    ]);
    expect(await whatRan()).toEqual(['made', 'fails']);
  });

  it('does again what a rollback has undone', async () => {
    const { builder, requests } = builderWith(
      world,
      inTurn(
        () => ({
          steps: [note('made', 'true', { rollback: 'undo' }), broken()],
          rollbacks: { undo: { title: 'Undo', command: note('undo').command } },
        }),
        () => ({ steps: [note('made'), note('new')] }),
      ),
    );
    const message = { message: 'do it', conversation_id: ran };
    const approve = (preview: Parameters<typeof builder.approve>[0]) =>
      builder.approve(preview, { by: 'test', rollbacks: Object.keys(preview.rollbacks) });
    const result = await builder.ask({ ...message, repairs: 1, approve });
    expect(requests[1]?.repair?.completed).toEqual([]);
    expect(result).toMatchObject({ outcome: { status: 'completed' } });
    expect(await whatRan()).toEqual(['made', 'fails', 'undo', 'made', 'new']);
  });

  it('is refused for a run that did not fail, and for one that nobody knows', async () => {
    const { builder } = builderWith(world, () => ({ steps: [note('fine')] }));
    const message = { message: 'do it', conversation_id: ran };
    const result = await builder.ask({ ...message, ...consent(builder) });
    if (result.kind !== 'outcome') throw new Error('expected an outcome');
    expect(await refusal(builder.repair(result.outcome))).toMatchObject({
      code: 'REPAIR_REFUSED',
      details: { reason: 'not_failed' },
    });
    const stranger = { ...result.outcome, run_id: 'other', status: 'failed' } as const;
    expect(await refusal(builder.repair(stranger))).toMatchObject({
      details: { reason: 'unknown_run' },
    });
  });
});
