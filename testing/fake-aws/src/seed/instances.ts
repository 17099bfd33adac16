import { query } from '../moto/api.ts';
import type { MotoClient } from '../moto/client.ts';
import { elementText, elementTexts } from '../moto/xml.ts';
import { type ServiceProfile, companySlug, services, shortEnvironment, tagsOf } from './company.ts';
import type { Network, SecurityGroupRole } from './network.ts';
import type { Random } from './random.ts';

/** What a server does. */
type Role = 'web' | 'api' | 'worker' | 'batch' | 'bastion';

/** Servers that are alike, started by one call. */
interface ServerGroup {
  service: ServiceProfile;
  role: Role;
  network: Network;
  size: number;
  idle: boolean;
  stopped: boolean;
}

const securityGroupOf: Readonly<Record<Role, SecurityGroupRole>> = {
  web: 'web',
  api: 'app',
  worker: 'app',
  batch: 'app',
  bastion: 'bastion',
};
const types: Readonly<Record<Role, readonly [string, ...string[]]>> = {
  web: ['t3.medium', 't3.large'],
  api: ['m6i.large', 'm6i.xlarge'],
  worker: ['c6i.large', 'c6i.xlarge'],
  batch: ['r6i.large', 'r6i.2xlarge'],
  bastion: ['t3.micro'],
};

/** Servers with a number in their name; larger groups are fleets with one name, as auto scaling makes them. */
const mostNumbered = 8;

/**
 * Starts exactly that many instances. The first region's first ones are always the same: web servers of staging, of which those
 * of catalog and search are idle and those of checkout are not.
 */
export async function createInstances(
  moto: MotoClient,
  region: string,
  networks: readonly [Network, ...Network[]],
  count: number,
  random: Random,
): Promise<void> {
  const imageId = await registerImage(moto, region);
  const numbers = new Map<string, number>();
  for (const group of planGroups(networks, count, random)) {
    await startGroup(moto, region, imageId, group, numbers, random);
  }
}

async function registerImage(moto: MotoClient, region: string): Promise<string> {
  const image = await query(moto, 'ec2', region, 'RegisterImage', {
    Name: `${companySlug}-base-2026.10`,
    Description: 'Hardened Linux base image',
    Architecture: 'x86_64',
    RootDeviceName: '/dev/xvda',
    VirtualizationType: 'hvm',
  });
  return elementText(image, 'imageId') ?? '';
}

function planGroups(
  networks: readonly [Network, ...Network[]],
  count: number,
  random: Random,
): ServerGroup[] {
  const groups: ServerGroup[] = [];
  const fixed = anchors(networks);
  const largest = Math.max(3, Math.round(count / 40));
  for (let left = count; left > 0;) {
    const group = fixed.shift() ?? randomGroup(networks, largest, random);
    const size = Math.min(group.size, left);
    groups.push({ ...group, size });
    left -= size;
  }
  return groups;
}

function randomGroup(
  networks: readonly [Network, ...Network[]],
  largest: number,
  random: Random,
): ServerGroup {
  const network = random.pick(networks);
  const replaceable = network.environment !== 'production';
  const idle = replaceable && random.chance(0.15);
  return {
    service: random.pick(services),
    role: random.pick(['web', 'api', 'api', 'worker', 'batch']),
    network,
    size: random.between(1, largest),
    idle,
    stopped: replaceable && !idle && random.chance(0.3),
  };
}

function anchors([first, ...rest]: readonly [Network, ...Network[]]): ServerGroup[] {
  const all = [first, ...rest];
  const production = all.find(({ environment }) => environment === 'production') ?? first;
  const staging = all.find(({ environment }) => environment === 'staging');
  const group = (name: string, role: Role, network: Network, size: number, idle = false) => {
    const service = services.find((candidate) => candidate.name === name) ?? services[0];
    return { service, role, network, size, idle, stopped: false };
  };
  const inStaging =
    staging === undefined
      ? []
      : [
          group('catalog', 'web', staging, 2, true),
          group('search', 'web', staging, 2, true),
          group('checkout', 'web', staging, 2),
        ];
  return [
    ...inStaging,
    group('checkout', 'web', production, 2),
    group('identity', 'bastion', production, 1),
    group('checkout', 'api', production, 2),
  ];
}

async function startGroup(
  moto: MotoClient,
  region: string,
  imageId: string,
  { service, role, network, size, idle, stopped }: ServerGroup,
  numbers: Map<string, number>,
  random: Random,
): Promise<void> {
  const base = `${service.name}-${role}-${shortEnvironment[network.environment]}`;
  const tags = tagsOf(service, network.environment, {
    Role: role,
    ...(idle ? { Idle: 'true' } : {}),
    ...(size > mostNumbered ? { Name: base } : {}),
  });
  const subnets = role === 'bastion' ? network.publicSubnets : network.privateSubnets;
  const started = await query(moto, 'ec2', region, 'RunInstances', {
    ImageId: imageId,
    MinCount: size,
    MaxCount: size,
    InstanceType: random.pick(types[role]),
    SubnetId: subnets[random.between(0, subnets.length - 1)],
    SecurityGroupId: [network.securityGroups[securityGroupOf[role]]],
    TagSpecification: [{ ResourceType: 'instance', Tag: tags }],
  });
  const ids = elementTexts(started, 'instanceId');
  if (size <= mostNumbered) {
    for (const id of ids) {
      const number = (numbers.get(base) ?? 0) + 1;
      numbers.set(base, number);
      const name = `${base}-${String(number).padStart(2, '0')}`;
      await query(moto, 'ec2', region, 'CreateTags', {
        ResourceId: [id],
        Tag: [{ Key: 'Name', Value: name }],
      });
    }
  }
  if (stopped) await query(moto, 'ec2', region, 'StopInstances', { InstanceId: ids });
}
