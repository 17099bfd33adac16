import { type QueryParameters, query } from '../moto/api.ts';
import type { MotoClient } from '../moto/client.ts';
import { services, shortEnvironment, tagsOf } from './company.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import { type Naming, nameSequence } from './names.ts';

type Rds = (action: string, parameters: QueryParameters) => Promise<string>;

const engines = ['postgres', 'mysql', 'postgres'] as const;
const classes = ['db.t3.medium', 'db.m6g.large', 'db.r6g.large'] as const;

/** Makes exactly that many Aurora clusters and database instances; each cluster takes up to two of the instances as members. */
export async function createDatabases(
  moto: MotoClient,
  region: string,
  networks: readonly [Network, ...Network[]],
  counts: { databases: number; clusters: number },
  random: Random,
): Promise<void> {
  const rds: Rds = (action, parameters) => query(moto, 'rds', region, action, parameters);
  const places = new Map<Network, string>();
  for (const [index, network] of networks.entries()) {
    const name = `${network.environment}-data-${index + 1}`;
    places.set(network, name);
    await rds('CreateDBSubnetGroup', {
      DBSubnetGroupName: name,
      DBSubnetGroupDescription: `Data subnets of ${network.environment}`,
      SubnetIds: { SubnetIdentifier: network.dataSubnets },
    });
  }
  const names = nameSequence(services, networks);
  let left = counts.databases;
  for (let made = 0; made < counts.clusters; made += 1) {
    const naming = names.next();
    await createCluster(rds, naming, places.get(naming.network) ?? '');
    for (let member = 1; member <= 2 && left > 0; member += 1, left -= 1) {
      await createMember(rds, naming, member, random);
    }
  }
  for (; left > 0; left -= 1) {
    const naming = names.next();
    await createDatabase(rds, naming, places.get(naming.network) ?? '', random);
  }
}

function common(naming: Naming, place: string): QueryParameters {
  return {
    MasterUsername: 'dbadmin',
    MasterUserPassword: 'not-a-secret-1',
    DBSubnetGroupName: place,
    VpcSecurityGroupIds: { VpcSecurityGroupId: [naming.network.securityGroups.data] },
    StorageEncrypted: true,
    BackupRetentionPeriod: naming.network.environment === 'production' ? 14 : 1,
    Tags: { Tag: tagsOf(naming.service, naming.network.environment) },
  };
}

function identifier({ service, network, ordinal }: Naming): string {
  const base = `${service.name}-${shortEnvironment[network.environment]}`;
  return ordinal === 1 ? base : `${base}-r${ordinal}`;
}

async function createCluster(rds: Rds, naming: Naming, place: string): Promise<void> {
  await rds('CreateDBCluster', {
    DBClusterIdentifier: identifier(naming),
    Engine: 'aurora-postgresql',
    DatabaseName: naming.service.name,
    DeletionProtection: naming.network.environment === 'production',
    ...common(naming, place),
  });
}

async function createMember(
  rds: Rds,
  naming: Naming,
  member: number,
  random: Random,
): Promise<void> {
  await rds('CreateDBInstance', {
    DBInstanceIdentifier: `${identifier(naming)}-${member}`,
    DBClusterIdentifier: identifier(naming),
    Engine: 'aurora-postgresql',
    DBInstanceClass: random.pick(classes),
    Tags: { Tag: tagsOf(naming.service, naming.network.environment) },
  });
}

async function createDatabase(
  rds: Rds,
  naming: Naming,
  place: string,
  random: Random,
): Promise<void> {
  await rds('CreateDBInstance', {
    DBInstanceIdentifier: `${identifier(naming)}-db`,
    Engine: random.pick(engines),
    DBInstanceClass: random.pick(classes),
    AllocatedStorage: random.pick([20, 50, 100, 500]),
    MultiAZ: naming.network.environment === 'production',
    PubliclyAccessible: false,
    ...common(naming, place),
  });
}
