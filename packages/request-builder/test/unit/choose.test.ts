import { describe, expect, it } from 'vitest';
import { briefOf } from '../../src/context/brief.ts';
import { chooseResources, type ResourceForms } from '../../src/context/choose.ts';
import { spokenIn } from '../../src/context/spoken.ts';
import type { ContextResource } from '../../src/protocol.ts';

const COST = { full: 30, brief: 10 };

function forms(index: number, part: Partial<ResourceForms> & { type?: string } = {}) {
  const resource = (form: string): ContextResource => ({
    ref: `r${index}`,
    type: part.type ?? 'ec2:instance',
    score: 1 / index,
    fields: { form },
    trust: 'untrusted',
  });
  const { isNamed = false, isRelated = false } = part;
  return { full: resource('full'), brief: resource('brief'), isNamed, isRelated };
}

function costOf({ fields }: ContextResource): number {
  return fields['form'] === 'full' ? COST.full : COST.brief;
}

/** `r1 full`, `r2 brief`, … */
function shown(resources: readonly ContextResource[]): string[] {
  return resources.map(
    ({ ref, fields }) => `${ref} ${fields['form'] === 'full' ? 'full' : 'brief'}`,
  );
}

const many = Array.from({ length: 200 }, (_, index) => forms(index + 1));

describe('the choice of resources', () => {
  it('has the best few in full, and many more in brief', () => {
    const { resources, cost } = chooseResources(many, 1000, costOf);
    const full = resources.filter(({ fields }) => fields['form'] === 'full');
    expect(shown(full)).toEqual(['r1 full', 'r2 full', 'r3 full', 'r4 full', 'r5 full']);
    expect(resources).toHaveLength(5 + 85);
    expect(cost).toBe(1000);
  });

  it('has what the message names, wherever it ranks, in full', () => {
    const candidates = [...many, forms(201, { isNamed: true })];
    const { resources, cost } = chooseResources(candidates, 500, costOf);
    expect(shown(resources.slice(-1))).toEqual(['r201 full']);
    expect(cost).toBeLessThanOrEqual(500);
  });

  it('has those that are named in brief where there are too many of them', () => {
    const candidates = many.map((candidate) => ({ ...candidate, isNamed: true }));
    const { resources } = chooseResources(candidates, 600, costOf);
    expect(shown(resources)).toEqual([
      ...Array.from({ length: 10 }, (_, index) => `r${index + 1} full`),
      ...Array.from({ length: 30 }, (_, index) => `r${index + 11} brief`),
    ]);
  });

  it('has what the named ones point at before better finds', () => {
    const candidates = [...many, forms(201, { isRelated: true })];
    const { resources } = chooseResources(candidates, 500, costOf);
    expect(shown(resources.slice(-1))).toEqual(['r201 brief']);
  });

  it('has the best of each type, however many there are of another', () => {
    const candidates = [...many, forms(201, { type: 'rds:db' }), forms(202, { type: 'rds:db' })];
    const { resources } = chooseResources(candidates, 500, costOf);
    expect(shown(resources).filter((line) => line.startsWith('r20'))).toContain('r201 brief');
    expect(shown(resources)).not.toContain('r202 brief');
  });

  it('makes brief ones full where room is left, the best first', () => {
    const choice = chooseResources(many.slice(0, 4), 60, costOf);
    expect(shown(choice.resources)).toEqual(['r1 brief', 'r2 brief', 'r3 brief', 'r4 brief']);
    const { resources, cost } = choice.enlarge(85);
    expect(shown(resources)).toEqual(['r1 full', 'r2 full', 'r3 brief', 'r4 brief']);
    expect(cost).toBe(80);
  });

  it('takes nothing where there is no room', () => {
    expect(chooseResources(many, 5, costOf)).toMatchObject({ resources: [], cost: 0 });
  });
});

describe('the brief form', () => {
  const full: ContextResource = {
    ref: 'r1',
    type: 'ec2:instance',
    score: 1,
    fields: {
      region: 'eu-west-1',
      name: 'web-1',
      state: 'running',
      tags: { Environment: 'staging' },
      created_at: '2026-01-01T00:00:00Z',
      attributes: { instance_type: 't3.large', architecture: 'arm64', key: '[redacted:secret]' },
      relations: [
        { type: 'in_vpc', target: '123456789012-eu-west-1-ec2:vpc/vpc-0abc' },
        { type: 'has_volume', target: '123456789012-eu-west-1-ec2:volume/vol-0abc' },
      ],
    },
    permissions: { allowed: ['ec2:StopInstances'], denied: [] },
    omitted: ['/attributes/key', '/tags/secret'],
    trust: 'untrusted',
  };

  it('leaves out attributes and relations, and says so', () => {
    const { region, name, state, tags } = full.fields;
    expect(briefOf(full, spokenIn('stop all web servers'))).toEqual({
      ...full,
      fields: { region, name, state, tags },
      omitted: ['/tags/secret', '/attributes', '/relations'],
    });
  });

  it('keeps what the message speaks of', () => {
    const { fields } = briefOf(full, spokenIn('stop every T3.large in vpc-0abc'));
    expect(fields['attributes']).toEqual({ instance_type: 't3.large' });
    expect(fields['relations']).toEqual([
      { type: 'in_vpc', target: '123456789012-eu-west-1-ec2:vpc/vpc-0abc' },
    ]);
    const other = briefOf(full, spokenIn('stop every t3.large-x in vpc-0abcd'));
    expect(other.fields['attributes']).toBeUndefined();
    expect(other.fields['relations']).toBeUndefined();
  });

  it('keeps the cluster of a database, which is stopped with it', () => {
    const member = { ...full, fields: { attributes: { engine: 'mysql', cluster_id: 'orders' } } };
    const { fields } = briefOf(member, spokenIn('stop all databases'));
    expect(fields).toEqual({ attributes: { cluster_id: 'orders' } });
  });

  it('is the resource itself where there is nothing to leave out', () => {
    const small = { ...full, fields: { name: 'web-1' }, omitted: null };
    expect(briefOf(small, () => false)).toBe(small);
  });
});
