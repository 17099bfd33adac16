import { describe, expect, it } from 'vitest';
import type { Resource } from '../../src/resource.ts';
import { Gathering } from '../../src/scan/gathering.ts';
import { vpcResource } from '../support/resources.ts';

let clock = 0;
const gathering = (batchSize: number, byType = true) =>
  new Gathering({ batchSize, byType, now: () => clock });

function resources(type: string, count: number): Resource[] {
  const template = vpcResource();
  return Array.from({ length: count }, (_, index) => ({
    ...template,
    resource_type: type,
    key: `${type}/${index}`,
  }));
}

const types = (batch: Resource[] | null) =>
  [...new Set((batch ?? []).map(({ resource_type }) => resource_type))].sort();

describe('Gathering', () => {
  it('hands out one type at a time when resources come mixed', () => {
    const gathered = gathering(10);
    const due: (Resource[] | null)[] = [];
    const [a, b] = [resources('a:a', 20), resources('b:b', 20)];
    for (const [index, resource] of a.entries()) {
      gathered.add(resource);
      gathered.add(b[index] ?? resource);
      for (let batch = gathered.takeDue(); batch; batch = gathered.takeDue()) due.push(batch);
    }
    expect(due.map(types)).toEqual([['a:a'], ['b:b'], ['a:a'], ['b:b']]);
    expect(due.map((batch) => batch?.length)).toEqual([10, 10, 10, 10]);
    expect(gathered.size).toBe(0);
  });

  it('takes them as they come where nobody is asked about types', () => {
    const gathered = gathering(4, false);
    for (const resource of [...resources('a:a', 2), ...resources('b:b', 2)]) gathered.add(resource);
    expect(types(gathered.takeDue())).toEqual(['a:a', 'b:b']);
  });

  it('keeps a bound however many types there are', () => {
    const gathered = gathering(2);
    for (let type = 0; type < 19; type += 1) {
      for (const resource of resources(`t:t${type}`, 1)) gathered.add(resource);
    }
    expect(gathered.takeDue()).toBeNull();
    for (const resource of resources('t:t99', 1)) gathered.add(resource);
    expect(gathered.takeDue()).toHaveLength(1);
    expect(gathered.size).toBe(19);
  });

  it('lets nothing wait for ever', () => {
    clock = 0;
    const gathered = gathering(100);
    for (const resource of resources('a:a', 3)) gathered.add(resource);
    clock = 4_000;
    for (const resource of resources('b:b', 3)) gathered.add(resource);
    expect(gathered.takeDue()).toBeNull();
    clock = 5_000;
    expect(types(gathered.takeDue())).toEqual(['a:a']);
    expect(gathered.takeDue()).toBeNull();
  });

  it('hands out what is left in whole types, as many as fit', () => {
    const gathered = gathering(10);
    const counts = { 'a:a': 6, 'b:b': 5, 'c:c': 4, 'd:d': 9 };
    for (const [type, count] of Object.entries(counts)) {
      for (const resource of resources(type, count)) gathered.add(resource);
    }
    const left = [gathered.takeRest(), gathered.takeRest(), gathered.takeRest()];
    expect(left.map(types)).toEqual([['a:a', 'c:c'], ['b:b'], ['d:d']]);
    expect(left.map((batch) => batch?.length)).toEqual([10, 5, 9]);
    expect(gathered.takeRest()).toBeNull();
  });
});
