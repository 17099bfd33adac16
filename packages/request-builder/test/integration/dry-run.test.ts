import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlaybookStep } from '../../src/protocol.ts';
import {
  builderWith,
  instanceRecord,
  printStep,
  refusal,
  REGION,
  startWorld,
  type World,
} from './world.ts';

let world: World;
let instance = '';
beforeAll(async () => {
  world = await startWorld();
  const started = await world.call('ec2', 'run-instances', {
    ImageId: 'ami-12c6146b',
    MinCount: 1,
    MaxCount: 1,
  });
  instance = /"InstanceId": ?"(i-[0-9a-f]+)"/.exec(JSON.stringify(started))?.[1] ?? '';
  await world.storage.estate.upsert([{ record: instanceRecord(instance) }]);
});
afterAll(async () => {
  await world.close();
});

function ec2(id: string, operation: string, parameters: Record<string, string[] | string>) {
  const command = {
    type: 'aws_cli',
    service: 'ec2',
    operation,
    parameters,
    region: REGION,
  } as const;
  return { id, title: id, command } satisfies PlaybookStep;
}

async function dryRunOf(steps: PlaybookStep[], target?: { account_id: string }) {
  const options = target
    ? { target: { partition: 'aws', account_id: target.account_id, regions: [REGION] } }
    : {};
  const { builder } = builderWith(world, () => ({ steps }), options);
  const message = `stop ${instance}`;
  const reply = await builder.send(await builder.build({ message, conversation_id: 'c' }));
  if (reply.kind !== 'playbook') throw new Error('expected a playbook');
  return await builder.dryRun(await builder.preview(reply.playbook));
}

describe('a dry run', () => {
  it('asks AWS what would happen, and changes nothing', async () => {
    const report = await dryRunOf([
      ec2('stop', 'stop-instances', { InstanceIds: [instance] }),
      ec2('options', 'stop-instances', { 'instance-ids': [instance] }),
      ec2('wrong', 'stop-instances', { NoSuchParameter: 'x' }),
      ec2('hosts', 'release-hosts', { HostIds: ['h-1'] }),
      printStep('print', 'hello'),
    ]);
    expect(report.steps.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'stop would_succeed',
      'options would_succeed',
      'wrong would_fail',
      'hosts not_tried',
      'print not_tried',
    ]);
    const seen = JSON.stringify(
      await world.call('ec2', 'describe-instances', { InstanceIds: [instance] }),
    );
    expect(seen).toMatch(/"Name": ?"running"/);
  });

  it('does not try what refers to the output of another step', async () => {
    const first: PlaybookStep = {
      ...printStep('first', instance),
      outputs: { id: { from: 'stdout' } },
    };
    const { command, ...rest } = ec2('stop', 'stop-instances', {});
    const parameters = { InstanceIds: [{ $ref: 'steps.first.outputs.id' }] };
    const report = await dryRunOf([
      first,
      { ...rest, command: { ...command, parameters }, depends_on: ['first'] },
    ]);
    expect(report.steps[1]).toMatchObject({
      status: 'not_tried',
      reason: expect.stringContaining('steps.first.outputs.id'),
    });
  });

  it('says where the caller may not', async () => {
    const fault = world.aws.faults.add({
      service: 'ec2',
      operation: 'StopInstances',
      kind: 'deny',
    });
    try {
      const report = await dryRunOf([ec2('stop', 'stop-instances', { InstanceIds: [instance] })]);
      expect(report.steps[0]?.status).toBe('denied');
    } finally {
      fault.remove();
    }
  });

  it('sends nothing to another account', async () => {
    const steps = [ec2('stop', 'stop-instances', { InstanceIds: ['i-1'] })];
    const promise = dryRunOf(steps, { account_id: '999999999999' });
    expect((await refusal(promise)).code).toBe('TARGET_MISMATCH');
  });
});
