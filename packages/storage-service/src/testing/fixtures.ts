import type { EstateUpsertItem } from '../estate-upsert.ts';
import type { EstateRecordInput } from '../estate-record.ts';
import { estateKey } from '../identity.ts';
import { Random } from './random.ts';

/** How many numbers the vectors of the suite have: that of all-MiniLM-L6-v2. */
export const dimensions = 384;

/** A resource with an id; the rest is ordinary unless said otherwise. */
export function resource(id: string, rest: Partial<EstateRecordInput> = {}): EstateRecordInput {
  const account = rest.account_id ?? '111111111111';
  const region = rest.region ?? 'eu-central-1';
  const resourceId = `ec2:instance/${id}`;
  const identity = { account_id: account, region, resource_id: resourceId };
  return {
    ...identity,
    service: 'ec2',
    resource_type: 'ec2:instance',
    arn: `arn:aws:ec2:${region}:${account}:instance/${id}`,
    name: id,
    state: 'running',
    tags: { env: 'test' },
    attributes: { size: 1 },
    text: `instance ${id}`,
    last_seen: '2026-01-01T00:00:00.000Z',
    ...rest,
    key: rest.key ?? estateKey(identity),
  };
}

/** A direction that belongs to a number: the same each time. */
export function vectorOf(seed: number, length = dimensions): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.next() - 0.5);
}

/** A vector between two others: `share` of the second. */
export function between(a: Float32Array, b: Float32Array, share: number): Float32Array {
  return a.map((value, index) => value * (1 - share) + (b[index] ?? 0) * share);
}

/** So many resources without vectors. */
export function resources(
  count: number,
  rest: (index: number) => Partial<EstateRecordInput> = () => ({}),
): EstateUpsertItem[] {
  return Array.from({ length: count }, (_, index) => ({
    record: resource(`i-${String(index).padStart(6, '0')}`, rest(index)),
  }));
}

/** The ids (behind the slash) of records, in their order. */
export function idsOf(records: readonly { resource_id: string }[]): string[] {
  return records.map((record) => record.resource_id.slice(record.resource_id.indexOf('/') + 1));
}

/** Permissions that allow these actions. */
export function allows(...allowed: string[]): NonNullable<EstateRecordInput['permissions']> {
  return {
    principal_arn: 'arn:aws:iam::111111111111:user/test',
    allowed,
    denied: [],
    conditional: [],
    evaluated_at: '2026-01-01T00:00:00.000Z',
    status: 'evaluated',
  };
}
