import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeclaredResource } from '../../src/declarative/declaration.ts';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { defineServiceScanner } from '../../src/service-scanner.ts';
import { awsCall, type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';

const region = 'eu-west-1';
let estate: FakeEstate;

beforeAll(async () => {
  estate = await startFakeEstate();
  await awsCall(estate.engine, region, 'events', 'put-rule', {
    Name: 'nightly',
    ScheduleExpression: 'rate(1 day)',
  });
});
afterAll(() => estate[Symbol.asyncDispose]());

/** What a real scan says of a scanner with these calls. */
async function scanWith(
  calls: Pick<DeclaredResource, 'list' | 'read' | 'through'>,
  where = region,
) {
  const things = defineServiceScanner({
    service: 'things',
    requiredPermissions: ['things:List'],
    resources: [{ type: 'things:thing', arn: 'Arn', id: 'Name', ...calls }],
  });
  const registry = new ServiceScannerRegistry().register(things);
  const scanner = new EstateScanner({ engine: estate.engine, registry, iam: false });
  const { scopes, errors, retries } = await scanner.scan({ regions: [where] });
  const [scope] = scopes;
  return { ...scope, retries, says: errors.map(({ message }) => message).join('\n') };
}
const list = (call: string, items: string) => ({ list: { call, items } });
const read = (call: string, items: string) => ({ read: { call, items } });

describe('items of a declared scanner', () => {
  it.each([
    ['are not in the answer', list('events list-rules', 'Rulez'), /Rulez.*the answer has Rules/u],
    ['are projected from what is not there', list('events list-rules', 'Rulez[].Arn'), /Rulez/u],
    [
      'are not in that of a step',
      {
        ...read('events describe-rule', '[@]'),
        through: [{ call: 'events list-rules', items: 'Rulez[].Name', as: 'Name' }],
      },
      /Rulez/u,
    ],
    ['of a service that always names them', list('ec2 describe-vpcs', 'Vpcz'), /has Vpcs/u],
    ['are one object', read('iam get-account-summary', 'SummaryMap'), /object.*\[SummaryMap\]/u],
    ['are one text', read('sts get-caller-identity', 'Account'), /there is one "string"/u],
    ['are one thing that is not there', read('iam get-account-summary', '[SummaryMaps]'), /null/u],
  ])('that %s fail the scope with what to write', async (_what, calls, says) => {
    const result = await scanWith(calls);
    expect(result).toMatchObject({ status: 'failed', code: 'INVALID_SCANNER', retries: 0 });
    expect(result.says).toMatch(says);
  });

  it.each([
    ['a list that is empty', list('events list-rules', 'Rules'), 'eu-west-2'],
    ['a list that the service leaves out', list('sqs list-queues', 'QueueUrls'), region],
    ['lists in lists', list('ec2 describe-instances', 'Reservations[*].Instances'), region],
    ['two lists', list('cloudwatch describe-alarms', '[MetricAlarms, CompositeAlarms]'), region],
    ['a list that may be absent', list('events list-rules', 'Rulez || `[]`'), region],
  ])('that are %s are none', async (_what, calls, where) => {
    expect(await scanWith(calls, where)).toMatchObject({ status: 'complete', says: '' });
  });

  it('are found where they are', async () => {
    expect(await scanWith(list('events list-rules', 'Rules'))).toMatchObject({ resources: 1 });
  });
});
