import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyAudit, type RequestBuilder } from '../../src/index.ts';
import type { PlaybookStep } from '../../src/protocol.ts';
import { builderWith, printStep, refusal, startWorld, type Draft, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

/** A shell step that writes its id into a file: what ran, in which order. */
function note(world: World, id: string, more: Partial<PlaybookStep> = {}): PlaybookStep {
  const command = { type: 'shell', command: `echo ${id} >> ${join(world.folder, 'ran')}` } as const;
  return { id, title: id, command, ...more };
}

const failing: PlaybookStep = {
  id: 'fails',
  title: 'Fails',
  command: { type: 'shell', command: 'echo cannot >&2; exit 3' },
};

function draft(world: World): Draft {
  const undo = (name: string) => {
    const { id: _id, ...work } = note(world, name);
    return work;
  };
  return {
    steps: [
      note(world, 'one', { rollback: 'undo_one' }),
      note(world, 'two', { rollback: 'undo_two' }),
      { ...failing, rollback: 'undo_failed' },
      note(world, 'never', { rollback: 'undo_never' }),
    ],
    rollbacks: {
      undo_one: undo('undo_one'),
      undo_two: undo('undo_two'),
      undo_failed: undo('undo_failed'),
      undo_never: undo('undo_never'),
    },
  };
}

async function preview(builder: RequestBuilder) {
  const request = await builder.build({ message: 'do it', conversation_id: 'c1' });
  const reply = await builder.send(request);
  if (reply.kind !== 'playbook') throw new Error('expected a playbook');
  return await builder.preview(reply.playbook);
}

async function ran(world: World): Promise<string[]> {
  const text = await readFile(join(world.folder, 'ran'), 'utf8');
  return text.trim().split('\n');
}

describe('a run that fails', () => {
  it('undoes what had completed, the last first, and nothing else', async () => {
    const auditPath = join(world.folder, 'audit.ndjson');
    const { builder, events } = builderWith(world, () => draft(world), { auditPath });
    const shown = await preview(builder);
    const approval = builder.approve(shown, {
      by: 'test',
      rollbacks: Object.keys(shown.rollbacks),
    });
    const outcome = await builder.run(shown, { approval });
    expect(outcome.status).toBe('failed');
    expect(outcome.rollbacks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'undo_two completed',
      'undo_one completed',
    ]);
    expect(await ran(world)).toEqual(['one', 'two', 'undo_two', 'undo_one']);
    expect(events.find(({ type }) => type === 'rollback_started')).toMatchObject({
      run_id: outcome.run_id,
      rollbacks: ['undo_two', 'undo_one'],
    });
    const [last] = (await world.storage.chat.recent('c1')).slice(-1);
    expect(last?.content).toContain('undo_two: completed');
    expect(await verifyAudit(auditPath)).toMatchObject({ ok: true });
    const audit = await readFile(auditPath, 'utf8');
    expect(audit).toContain('"rollback_started"');
    expect(audit).toContain('"rollback_ended"');
  });

  it('undoes nothing that was not approved', async () => {
    const { builder } = builderWith(world, () => draft(world));
    const shown = await preview(builder);
    const outcome = await builder.run(shown, { approval: builder.approve(shown, { by: 'test' }) });
    expect(outcome.status).toBe('failed');
    expect(outcome.rollbacks).toEqual([]);
  });

  it('says that a rollback was skipped where the policy denies it', async () => {
    const { builder } = builderWith(
      world,
      () => ({
        steps: [{ ...printStep('one'), rollback: 'undo' }, failing],
        rollbacks: {
          undo: {
            title: 'Undo',
            command: { type: 'script', content: 'echo undone', interpreter: 'sh' },
          },
        },
      }),
      {
        policy: {
          version: 1,
          rules: [
            { id: 'no-scripts', effect: 'deny', when: { step_types: ['script'] } },
            { id: 'rest', effect: 'allow', when: {} },
          ],
        },
      },
    );
    const shown = await preview(builder);
    const approval = builder.approve(shown, { by: 'test', rollbacks: ['undo'] });
    const outcome = await builder.run(shown, { approval });
    expect(outcome.rollbacks).toMatchObject([
      { id: 'undo', status: 'skipped', reason: expect.stringContaining('the policy denies it') },
    ]);
  });
});

describe('an approval', () => {
  it('names only steps and rollbacks that are there', async () => {
    const { builder } = builderWith(world, () => draft(world));
    const shown = await preview(builder);
    const grant = async (more: object) => builder.approve(shown, { by: 'test', ...more });
    expect((await refusal(grant({ rollbacks: ['undo'] }))).code).toBe('INVALID_INPUT');
    expect((await refusal(grant({ steps: ['zero'] }))).code).toBe('INVALID_INPUT');
  });
});
