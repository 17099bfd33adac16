import { z } from 'zod';
import type { ScanContext } from '../service-scanner.ts';
import { Names, Text } from './projection.ts';

const Group = z.object({ name: z.string(), vpc: Text, subnets: Names });

/** Where a subnet group puts what is in it; null where nobody knows. */
export type SubnetGroup = Pick<z.infer<typeof Group>, 'vpc' | 'subnets'>;

/**
 * Looks subnet groups up by name, with one call for all of a region when the first is asked for: a cluster names its group and tells
 * nothing of its network.
 */
export function subnetGroups(
  context: ScanContext,
): (name: string | null) => Promise<SubnetGroup | null> {
  let known: Promise<ReadonlyMap<string, SubnetGroup>> | undefined;
  return async (name) => {
    if (name === null) return null;
    known ??= readGroups(context);
    return (await known).get(name) ?? null;
  };
}

async function readGroups(context: ScanContext): Promise<ReadonlyMap<string, SubnetGroup>> {
  const groups = new Map<string, SubnetGroup>();
  const list = context.list('rds', 'describe-db-subnet-groups', {
    query: `DBSubnetGroups[].{name: DBSubnetGroupName, vpc: VpcId, subnets: Subnets[].SubnetIdentifier}`,
    pageSize: 100,
  });
  try {
    for await (const item of list) {
      const { name, vpc, subnets } = Group.parse(item);
      groups.set(name, { vpc, subnets });
    }
  } catch (error) {
    context.warn(error, `the subnets of database clusters in ${context.region} are unknown`);
  }
  return groups;
}
