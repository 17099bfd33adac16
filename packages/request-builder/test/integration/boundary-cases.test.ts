import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlaybookStep } from '../../src/protocol.ts';
import {
  ACCOUNT,
  awsStep,
  builderWith,
  consent,
  type Draft,
  printStep,
  REGION,
  refusal,
  startWorld,
  type World,
} from './world.ts';

const stranger = '222233334444';
const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const sessionToken = `IQoJb3JpZ2luX2VjE${'aB3x/'.repeat(40)}`;

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

const input = { message: 'stop the staging web server', conversation_id: 'boundaries' };

describe('case 5: approvals', () => {
  async function previewed(steps: PlaybookStep[]) {
    const { builder, requests } = builderWith(world, () => ({ steps }));
    const request = await builder.build(input);
    const reply = await builder.send(request);
    if (reply.kind !== 'playbook') throw new Error('expected a playbook');
    return { builder, preview: await builder.preview(reply.playbook), requests };
  }
  const touch: PlaybookStep = {
    id: 's1',
    title: 'Say hello',
    command: { type: 'shell', command: 'echo hello' },
  };

  it('do not fit a playbook with one argument changed', async () => {
    const { builder, preview } = await previewed([touch]);
    const approval = builder.approve(preview, { by: 'test' });
    const changed = structuredClone(preview);
    const [step] = changed.playbook.steps;
    if (step?.command.type !== 'shell') throw new Error('expected a shell step');
    step.command.command = 'echo goodbye';
    expect(await refusal(builder.run(changed, { approval }))).toMatchObject({
      code: 'APPROVAL_INVALID',
      details: { reason: 'other_playbook' },
    });
  });

  it('cannot be forged, be used late or twice', async () => {
    const { builder, preview } = await previewed([touch]);
    const approval = builder.approve(preview, { by: 'test' });
    const reasonOf = async (given: typeof approval) =>
      (await refusal(builder.run(preview, { approval: given }))).details;
    expect(await reasonOf({ ...approval, approved_by: 'another' })).toEqual({ reason: 'forged' });
    const late = builder.approve(preview, { by: 'test', expiresInMs: 0 });
    expect(await reasonOf(late)).toEqual({ reason: 'expired' });
    expect((await builder.run(preview, { approval })).status).toBe('completed');
    expect(await reasonOf(approval)).toEqual({ reason: 'replayed' });
  });

  it('are used once, also when two runs come at the same time', async () => {
    const { builder, preview } = await previewed([touch]);
    const approval = builder.approve(preview, { by: 'test' });
    const runs = await Promise.allSettled([1, 2, 3].map(() => builder.run(preview, { approval })));
    expect(runs.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('cover the steps that they name', async () => {
    const { builder, preview } = await previewed([touch, { ...touch, id: 's2' }]);
    const approval = builder.approve(preview, { by: 'test', steps: ['s1'] });
    expect(await refusal(builder.run(preview, { approval }))).toMatchObject({
      code: 'APPROVAL_INVALID',
      details: { reason: 'other_steps' },
    });
  });

  it('are needed: without one, or with one that is refused, nothing runs', async () => {
    const { builder, preview } = await previewed([touch]);
    expect((await refusal(builder.run(preview))).code).toBe('APPROVAL_REQUIRED');
    expect((await refusal(builder.run(preview, { approve: () => null }))).code).toBe(
      'APPROVAL_REQUIRED',
    );
  });
});

describe('case 11: secrets in output', () => {
  it('reach neither history nor events, errors or the next request', async () => {
    const program = `
      for chunk in AKIAIOSF ODNN7EXAMPLE ' ' ${secretKey.slice(0, 17)} ${secretKey.slice(17)} ' '; do printf %s "$chunk"; sleep 0.02; done
      printf '\\n%s' '${sessionToken.slice(0, 60)}'; sleep 0.02; printf '%s\\n' '${sessionToken.slice(60)}'
      echo 'password=hunter2secret' >&2; exit 3`;
    const { builder, events, requests } = builderWith(world, () => ({
      steps: [{ id: 's1', title: 'Leak', command: { type: 'shell', command: program } }],
    }));
    const conversation = { message: 'run the leaking program', conversation_id: 'leaks' };
    const result = await builder.ask({ ...conversation, ...consent(builder) });
    if (result.kind !== 'outcome') throw new Error('expected an outcome');
    expect(result.outcome.status).toBe('failed');
    await builder.build(conversation);
    await builder.ask({ ...conversation, ...consent(builder) });
    const kept = JSON.stringify([
      result.outcome,
      events,
      requests[1]?.history,
      (await world.storage.chat.recent('leaks')).filter(({ role }) => role === 'execution'),
    ]);
    for (const secret of ['AKIAIOSFODNN7EXAMPLE', secretKey, 'aB3x/aB3x/', 'hunter2secret']) {
      expect(kept).not.toContain(secret);
    }
  });

  it('is withheld altogether where the operation is known to hand out secrets', async () => {
    await world.call('secretsmanager', 'create-secret', {
      name: 'db',
      'secret-string': 'plain words',
    });
    const { builder, events } = builderWith(world, () => ({
      steps: [awsStep('secretsmanager get-secret-value', { 'secret-id': 'db' })],
    }));
    const result = await builder.ask({ ...input, ...consent(builder) });
    if (result.kind !== 'outcome') throw new Error('expected an outcome');
    expect(result.preview.risk).toBe('sensitive_read');
    expect(result.outcome.steps[0]?.stdout).toBe('[sensitive output withheld]');
    expect(JSON.stringify(events)).not.toContain('plain words');
  });

  it('masks the value of a sensitive parameter', async () => {
    const { builder, events } = builderWith(world, () => ({
      parameters: { word: { type: 'string', sensitive: true } },
      steps: [
        {
          id: 's1',
          title: 'Say it',
          command: { type: 'exec', program: 'echo', args: [{ $ref: 'parameters.word' }] },
        },
      ],
    }));
    const result = await builder.ask({ ...input, inputs: { word: 'plainword' } });
    if (result.kind !== 'outcome') throw new Error('expected an outcome');
    expect(result.preview.steps[0]?.argv).toEqual(['echo', '‹sensitive›']);
    expect(JSON.stringify([result.outcome, events])).not.toContain('plainword');
  });
});

describe('case 12: another account', () => {
  const describe2222 = awsStep('ec2 describe-instances', {
    'instance-ids': [`arn:aws:ec2:${REGION}:${stranger}:instance/i-0abc1234def567890`],
  });

  it.each<[string, Draft, string]>([
    [
      'a target',
      { steps: [printStep('s1')], target: { partition: 'aws', account_id: stranger, regions: [] } },
      '/target/account_id',
    ],
    [
      'a partition',
      {
        steps: [printStep('s1')],
        target: { partition: 'aws-cn', account_id: ACCOUNT, regions: [] },
      },
      '/target/partition',
    ],
    [
      'a region',
      {
        steps: [printStep('s1')],
        target: { partition: 'aws', account_id: ACCOUNT, regions: ['us-east-1'] },
      },
      '/target/regions/0',
    ],
    ['an ARN', { steps: [describe2222] }, '/steps/0/command/parameters/instance-ids/0'],
    [
      'a region of a step',
      {
        steps: [
          {
            ...describe2222,
            command: {
              type: 'aws_cli',
              service: 'ec2',
              operation: 'describe-instances',
              region: 'us-east-1',
            },
          },
        ],
      },
      '/steps/0/command/region',
    ],
    [
      'a region in an argument',
      {
        steps: [
          {
            ...describe2222,
            command: {
              type: 'aws_cli',
              service: 'ec2',
              operation: 'describe-instances',
              args: ['--reg', 'us-east-1'],
            },
          },
        ],
      },
      '/steps/0/command/args/0',
    ],
  ])('in %s is TARGET_MISMATCH', async (_what, draft, pointer) => {
    const { builder } = builderWith(world, () => draft);
    expect(await refusal(builder.ask({ ...input, ...consent(builder) }))).toMatchObject({
      code: 'TARGET_MISMATCH',
      details: { errors: expect.arrayContaining([expect.objectContaining({ pointer })]) },
    });
  });

  it('in an input is TARGET_MISMATCH', async () => {
    const { builder } = builderWith(world, () => ({
      parameters: { who: { type: 'string' } },
      steps: [
        {
          id: 's1',
          title: 'Say it',
          command: { type: 'exec', program: 'echo', args: [{ $ref: 'parameters.who' }] },
        },
      ],
    }));
    const inputs = { who: `arn:aws:iam::${stranger}:role/x` };
    expect((await refusal(builder.ask({ ...input, inputs }))).code).toBe('TARGET_MISMATCH');
  });

  it('of the credentials is TARGET_MISMATCH before the first step', async () => {
    const { builder, events } = builderWith(world, () => ({ steps: [printStep('s1')] }), {
      target: { partition: 'aws', account_id: stranger, regions: [REGION] },
    });
    expect((await refusal(builder.ask(input))).code).toBe('TARGET_MISMATCH');
    expect(events.map(({ type }) => type)).toEqual(['attempt_started']);
  });
});
