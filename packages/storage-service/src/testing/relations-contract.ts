import { resource } from './fixtures.ts';
import type { Contract } from './contract.ts';

/** Relations: by key, ARN and id, in both directions. */
export function describeRelations({ describe, it, expect, withStorage, codeOf }: Contract): void {
  describe('relations', () => {
    const subnet = resource('subnet-1', { relations: [{ type: 'vpc', target: 'vpc-1' }] });
    const vpc = resource('vpc-1');
    const instance = resource('i-1', {
      relations: [
        { type: 'subnet', target: subnet.key },
        { type: 'group', target: 'arn:aws:ec2:eu-central-1:111111111111:instance/sg-1' },
        { type: 'group', target: 'sg-unknown' },
      ],
    });
    const group = resource('sg-1', { relations: [{ type: 'peer', target: instance.key }] });
    const foreign = resource('vpc-1', { region: 'us-east-1' });
    const all = [subnet, vpc, instance, group, foreign].map((record) => ({ record }));

    it('follows them out, in, and both ways, each resource once', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert(all);
        const related = async (key: string, options: Parameters<typeof estate.related>[1]) =>
          (await estate.related(key, options)).map(
            (found) => `${found.direction} ${found.type} ${found.record.name} ${found.depth}`,
          );
        expect(await related(instance.key, { direction: 'out' })).toEqual([
          'out group sg-1 1',
          'out subnet subnet-1 1',
        ]);
        expect(await related(instance.key, { direction: 'out', depth: 3 })).toEqual([
          'out group sg-1 1',
          'out subnet subnet-1 1',
          'out vpc vpc-1 2',
        ]);
        expect(await related(vpc.key, { direction: 'in', depth: 5 })).toEqual([
          'in vpc subnet-1 1',
          'in subnet i-1 2',
          'in peer sg-1 3',
        ]);
        expect(await related(instance.key, {})).toEqual([
          'out group sg-1 1',
          'out subnet subnet-1 1',
        ]);
        expect(await related(foreign.key, {})).toEqual([]);
        expect(await related(vpc.key, { depth: 5, limit: 2 })).toEqual([
          'in vpc subnet-1 1',
          'in subnet i-1 2',
        ]);
        const [found] = await estate.related(vpc.key);
        expect([found?.via, found?.record.key]).toEqual([vpc.key, subnet.key]);
      }));

    it('follows only what is there now', () =>
      withStorage(async ({ estate }) => {
        await estate.upsert(all);
        await estate.upsert([{ record: { ...subnet, relations: [] } }]);
        expect(await estate.related(vpc.key)).toEqual([]);
        await estate.remove([group.key]);
        expect((await estate.related(instance.key)).map((found) => found.type)).toEqual(['subnet']);
        expect(await codeOf(estate.related('nothing'))).toBe('NOT_FOUND');
        expect(await codeOf(estate.related(vpc.key, { depth: 9 }))).toBe('INVALID_INPUT');
      }));
  });
}
