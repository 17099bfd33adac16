import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moreScanners } from '../../src/more-scanners.ts';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import type { ScanReport } from '../../src/report.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { createManyServices, secretValue } from '../support/many-services.ts';
import { MemoryStore } from '../support/memory-store.ts';

const region = 'eu-west-1';
const arn = (service: string, rest: string) => `arn:aws:${service}:${region}:123456789012:${rest}`;
let estate: FakeEstate;
let report: ScanReport;
const store = new MemoryStore();

beforeAll(async () => {
  estate = await startFakeEstate();
  await createManyServices(estate, region);
  const registry = new ServiceScannerRegistry().register(...moreScanners);
  const { engine } = estate;
  const scanner = new EstateScanner({ engine, store, registry, iam: false });
  report = await scanner.scan({ regions: [region] });
}, 300_000);
afterAll(async () => {
  await estate[Symbol.asyncDispose]();
});

function found(resource_type: string, id: string) {
  const keys = [...store.records.keys()];
  const key = keys.find((entry) => entry.endsWith(`-${resource_type}/${id}`));
  return store.records.get(key ?? '') ?? { [resource_type]: keys };
}

describe('the scanners of further services', () => {
  it('read all of them completely', () => {
    expect(report.errors).toEqual([]);
    expect(report.status).toBe('complete');
    expect(report.scopes).toHaveLength(moreScanners.length);
    expect(report.scopes.filter(({ resources }) => resources === 0)).toEqual([]);
  });

  it.each([
    ['sqs:queue', 'orders', arn('sqs', 'orders'), { name: 'orders', tags: { team: 'payments' } }],
    ['sns:topic', 'alerts', arn('sns', 'alerts'), { attributes: { is_fifo: false } }],
    ['dynamodb:table', 'carts', arn('dynamodb', 'table/carts'), { state: 'ACTIVE' }],
    ['ecs:cluster', 'web', arn('ecs', 'cluster/web'), { state: 'ACTIVE' }],
    ['ecs:service', 'web/shop', arn('ecs', 'service/web/shop'), { name: 'shop' }],
    ['eks:cluster', 'platform', arn('eks', 'cluster/platform'), { tags: { team: 'platform' } }],
    ['ecr:repository', 'shop', arn('ecr', 'repository/shop'), {}],
    ['autoscaling:auto-scaling-group', 'web', expect.any(String), { tags: { team: 'web' } }],
    ['cloudformation:stack', 'shop', expect.any(String), { state: 'CREATE_COMPLETE' }],
    ['cloudwatch:alarm', 'errors', arn('cloudwatch', 'alarm:errors'), {}],
    ['secretsmanager:secret', 'db-password', expect.any(String), { tags: { team: 'payments' } }],
    ['elasticache:cluster', 'sessions', arn('elasticache', 'cluster:sessions'), {}],
    [
      'rds:snapshot',
      'last-of-db',
      arn('rds', 'snapshot:last-of-db'),
      { tags: { team: 'payments' } },
    ],
    [
      'rds:cluster-snapshot',
      'last-of-cluster',
      arn('rds', 'cluster-snapshot:last-of-cluster'),
      {
        relations: expect.arrayContaining([
          {
            type: 'snapshot_of',
            target: `123456789012-${region}-rds:cluster/retired-cluster`,
          },
        ]),
      },
    ],
    [
      'lambda:layer',
      'shared-code',
      arn('lambda', 'layer:shared-code'),
      { attributes: { latest_version: 1, runtimes: ['nodejs22.x'] } },
    ],
    ['iam:role', 'shop-role', 'arn:aws:iam::123456789012:role/shop-role', { region: 'global' }],
  ])('find %s %s', (type, id, itsArn, more) => {
    expect(found(type, id)).toMatchObject({ arn: itsArn, ...more });
  });

  it('find what has an id that AWS makes up', () => {
    const of = (type: string) =>
      [...store.records.values()].filter(({ resource_type }) => resource_type === type);
    expect(of('kms:key')).toContainEqual(
      expect.objectContaining({ name: 'payments key', tags: { team: 'payments' } }),
    );
    expect(of('route53:hostedzone')).toEqual([
      expect.objectContaining({
        name: expect.stringMatching(/^shop\.example\.?$/u),
        arn: expect.stringMatching(/^arn:aws:route53:::hostedzone\/\w+$/u),
        resource_id: expect.stringMatching(/^route53:hostedzone\/\w+$/u),
      }),
    ]);
    expect(of('elasticloadbalancing:loadbalancer')).toEqual([
      expect.objectContaining({
        name: 'front',
        attributes: expect.objectContaining({ scheme: 'internet-facing' }),
        relations: expect.arrayContaining([expect.objectContaining({ type: 'in_subnet' })]),
      }),
    ]);
  });

  it('keep secrets and their values apart', () => {
    expect(JSON.stringify([...store.records.values()])).not.toContain(secretValue);
  });

  it('tell times alike, whichever way the CLI prints them', () => {
    const times = [...store.records.values()].map(({ created_at }) => created_at);
    const years = new Set(times.flatMap((time) => (time === null ? [] : [time.slice(0, 2)])));
    expect([...years]).toEqual(['20']);
    expect(times.filter((time) => time !== null).length).toBeGreaterThan(8);
  });
});
