import { FakeAwsError } from '../errors.ts';

/** How many workloads a region gets beside its networks. */
export interface Workloads {
  instances: number;
  databases: number;
  clusters: number;
  buckets: number;
  functions: number;
}

/** What a region gets. */
export interface RegionPlan {
  region: string;
  vpcs: number;
  workloads: Workloads;
}

/**
 * What one VPC of the seed brings: itself, 6 subnets, 6 security groups (the default one among them), 3 route tables (the main one
 * among them), an internet gateway, a NAT gateway and an S3 endpoint.
 */
export const resourcesPerVpc = 19;

/** A region needs its network and one workload of each kind. */
export const fewestPerRegion = resourcesPerVpc + 5;

/** More VPCs than that per region no company keeps. */
const mostVpcsPerRegion = 8;

const shares: Readonly<Record<keyof Workloads, number>> = {
  instances: 0.5,
  databases: 0.12,
  clusters: 0.04,
  buckets: 0.12,
  functions: 0.22,
};

/**
 * Divides a total over the regions: about one VPC per 55 resources, at least one per region, and workloads for the rest. The
 * sum is exactly the total.
 *
 * @throws FakeAwsError `INVALID_OPTION` where there are no regions or too few resources for them
 */
export function composeEstate(resources: number, regions: readonly string[]): RegionPlan[] {
  check(resources, regions);
  return regions.map((region, index) => {
    const share = part(resources, regions.length, index);
    // The first region has a staging network too as soon as there is room for it.
    const fewest = index === 0 && share >= 60 ? 2 : 1;
    const vpcs = Math.min(mostVpcsPerRegion, Math.max(fewest, Math.round(share / 55)));
    return { region, vpcs, workloads: divide(share - vpcs * resourcesPerVpc) };
  });
}

function check(resources: number, regions: readonly string[]): void {
  if (regions.length === 0) {
    throw new FakeAwsError('INVALID_OPTION', 'regions is empty: name at least one, e.g. eu-west-1');
  }
  if (new Set(regions).size < regions.length) {
    throw new FakeAwsError('INVALID_OPTION', `regions has one twice: ${regions.join(', ')}`);
  }
  const fewest = fewestPerRegion * regions.length;
  if (!Number.isInteger(resources) || resources < fewest || resources > 10_000) {
    throw new FakeAwsError(
      'INVALID_OPTION',
      `resources is ${resources}: with ${regions.length} regions it has to be a whole number from ${fewest} to 10000`,
    );
  }
}

/** Part `index` of a whole number cut into `parts` that differ by one at most. */
function part(total: number, parts: number, index: number): number {
  return Math.floor(total / parts) + (index < total % parts ? 1 : 0);
}

function divide(total: number): Workloads {
  const databases = Math.max(1, Math.round(total * shares.databases));
  const clusters = Math.max(1, Math.round(total * shares.clusters));
  const buckets = Math.max(1, Math.round(total * shares.buckets));
  const functions = Math.max(1, Math.round(total * shares.functions));
  const instances = total - databases - clusters - buckets - functions;
  return { instances, databases, clusters, buckets, functions };
}
