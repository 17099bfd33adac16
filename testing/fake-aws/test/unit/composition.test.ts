import { assert, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeEstate, fewestPerRegion, resourcesPerVpc } from '../../src/seed/composition.ts';

const names = ['eu-west-1', 'us-east-1', 'ap-southeast-2', 'eu-central-1'];

describe('composeEstate', () => {
  it('adds up to exactly the number asked for, with something of each kind in every region', () => {
    const sizes = tuple(integer({ min: 1, max: 4 }), integer({ min: 0, max: 10_000 }));
    assert(
      property(sizes, ([count, number]) => {
        const regions = names.slice(0, count);
        const resources = Math.max(number, fewestPerRegion * count);
        const plans = composeEstate(resources, regions);
        const sum = plans
          .flatMap(({ vpcs, workloads }) => [vpcs * resourcesPerVpc, ...Object.values(workloads)])
          .reduce((a, b) => a + b);
        expect(sum).toBe(resources);
        for (const { workloads } of plans) {
          expect(Math.min(...Object.values(workloads))).toBeGreaterThan(0);
        }
      }),
    );
  });

  it.each([
    [10, ['eu-west-1'], 'resources is 10'],
    [10_001, ['eu-west-1'], 'resources is 10001'],
    [100.5, ['eu-west-1'], 'resources is 100.5'],
    [100, [], 'regions is empty'],
    [100, ['eu-west-1', 'eu-west-1'], 'regions has one twice'],
  ])('refuses %s resources in %j', (resources, regions, message) => {
    expect(() => composeEstate(resources, regions)).toThrow(message);
  });
});
