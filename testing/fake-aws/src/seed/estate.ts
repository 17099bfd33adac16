import type { MotoClient } from '../moto/client.ts';
import { expectSuccess } from '../moto/api.ts';
import { createBuckets } from './buckets.ts';
import type { Environment } from './company.ts';
import { type RegionPlan, composeEstate } from './composition.ts';
import { createDatabases } from './databases.ts';
import { createFunctionRole, createFunctions } from './functions.ts';
import { createInstances } from './instances.ts';
import { type Network, createNetwork, deleteDefaultVpc } from './network.ts';
import { seededRandom } from './random.ts';

/** How much to seed, and where. */
export interface SeedOptions {
  /** How many resources in all, from 24 per region to 10,000. Default 200. */
  resources?: number;
  /** Default `eu-west-1`, `us-east-1`, `ap-southeast-2`. */
  regions?: readonly string[];
  /** The same seed makes the same estate, ids and names included (times are real). Default 1. */
  seed?: number;
}

/**
 * What the regions of the seed hold afterwards: exactly what listing each type there finds. Disks and images, which instances bring
 * along, are not counted.
 */
export interface EstateSummary {
  total: number;
  /** Per resource type, e.g. `{ 'ec2:instance': 66 }`. */
  byType: Record<string, number>;
  /** Per region and resource type; a bucket counts in its own region. */
  byRegion: Record<string, Record<string, number>>;
}

const defaultRegions = ['eu-west-1', 'us-east-1', 'ap-southeast-2'];
const environments: readonly Environment[] = ['production', 'staging', 'development'];

/**
 * Fills the account of a fresh fake.
 *
 * @throws FakeAwsError `INVALID_OPTION`, `SEED_FAILED`
 */
export async function seedEstate(
  moto: MotoClient,
  options: SeedOptions = {},
): Promise<EstateSummary> {
  const seed = options.seed ?? 1;
  const plans = composeEstate(options.resources ?? 200, options.regions ?? defaultRegions);
  // moto draws its ids from one generator; calls go one after the other so that each gets the same one again.
  const seeded = await moto({
    service: 'moto-api',
    region: 'us-east-1',
    path: `/moto-api/seed?a=${seed}`,
  });
  expectSuccess(seeded, 'moto-api seed');
  const roleArn = await createFunctionRole(moto);
  for (const [index, plan] of plans.entries()) {
    await seedRegion(moto, plan, roleArn, seed + index);
  }
  return summarize(plans);
}

async function seedRegion(
  moto: MotoClient,
  { region, vpcs, workloads }: RegionPlan,
  roleArn: string,
  seed: number,
): Promise<void> {
  const random = seededRandom(seed);
  await deleteDefaultVpc(moto, region);
  const networks: [Network, ...Network[]] = [await createNetwork(moto, region, 0, 'production')];
  for (let index = 1; index < vpcs; index += 1) {
    const environment = environments[index % environments.length] ?? 'staging';
    networks.push(await createNetwork(moto, region, index, environment));
  }
  await createInstances(moto, region, networks, workloads.instances, random);
  await createDatabases(moto, region, networks, workloads, random);
  await createBuckets(moto, region, workloads.buckets, random);
  await createFunctions(moto, region, networks, roleArn, workloads.functions, random);
}

function summarize(plans: readonly RegionPlan[]): EstateSummary {
  const byRegion: Record<string, Record<string, number>> = {};
  const byType: Record<string, number> = {};
  let total = 0;
  for (const { region, vpcs, workloads } of plans) {
    const counts: Record<string, number> = {
      'ec2:instance': workloads.instances,
      'rds:db': workloads.databases,
      'rds:cluster': workloads.clusters,
      's3:bucket': workloads.buckets,
      'lambda:function': workloads.functions,
      'ec2:vpc': vpcs,
      'ec2:subnet': vpcs * 6,
      'ec2:security-group': vpcs * 6,
      'ec2:route-table': vpcs * 3,
      'ec2:internet-gateway': vpcs,
      'ec2:natgateway': vpcs,
      'ec2:vpc-endpoint': vpcs,
    };
    byRegion[region] = counts;
    for (const [type, count] of Object.entries(counts)) {
      byType[type] = (byType[type] ?? 0) + count;
      total += count;
    }
  }
  return { total, byType, byRegion };
}
