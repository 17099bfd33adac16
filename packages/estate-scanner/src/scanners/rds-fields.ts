import { z } from 'zod';
import type { ScanContext } from '../service-scanner.ts';
import { Count, Flag, Names, TagList, Text, Time, arnEdges, edges } from './projection.ts';
import { filterCalls } from './wanted.ts';

/** RDS lists Neptune and DocumentDB as its own; their engine tells. */
export const rdsServices = ['rds', 'neptune', 'docdb'] as const;

/** What databases and clusters have in common. */
export const databaseFields = {
  id: z.string(),
  arn: Text,
  state: Text,
  tags: TagList,
  engine: Text,
  version: Text,
  created: Time,
  multi_az: Flag,
  encrypted: Flag,
  protected: Flag,
  backup_days: Count,
  host: Text,
  port: Count,
  groups: Names,
  kms: Text,
  source: Text,
};
const Fields = z.object(databaseFields);
type Database = z.infer<typeof Fields>;

/** The wanted ids of the type under any engine; a database's type is not known before it is read. */
export function databaseCalls(
  context: ScanContext,
  kind: 'db' | 'cluster',
): ReturnType<typeof filterCalls> {
  const all = rdsServices.flatMap((service) => context.wanted(`${service}:${kind}`) ?? []);
  const ids = context.wanted(`rds:${kind}`) === null ? null : all;
  return filterCalls(ids, kind === 'db' ? 'db-instance-id' : 'db-cluster-id');
}

export function serviceOf(database: Database): (typeof rdsServices)[number] {
  return rdsServices.find((service) => service === database.engine) ?? 'rds';
}

export function databaseIdentity(database: Database, kind: 'db' | 'cluster') {
  const { id, arn, state, tags, created } = database;
  return {
    resource_type: `${serviceOf(database)}:${kind}`,
    id,
    arn,
    name: id,
    state,
    tags,
    created_at: created,
    account_id: arn?.split(':')[4] ?? null,
  };
}

export function databaseAttributes(database: Database) {
  return {
    engine: database.engine,
    engine_version: database.version,
    multi_az: database.multi_az,
    storage_encrypted: database.encrypted,
    deletion_protection: database.protected,
    backup_retention_days: database.backup_days,
    endpoint_host: database.host,
    endpoint_port: database.port,
    kms_key_arn: database.kms,
    security_group_ids: database.groups,
  };
}

export function databaseRelations(database: Database) {
  return [
    ...edges('uses_security_group', 'ec2:security-group', database.groups),
    ...arnEdges('encrypted_by', [database.kms]),
    ...arnEdges('has_address', [database.host]),
  ];
}

/** The source of a replica is a name in the same region, an ARN from another one. */
export function replicaOf(database: Database, kind: 'db' | 'cluster') {
  if (database.source?.startsWith('arn:')) return arnEdges('replica_of', [database.source]);
  return edges('replica_of', `${serviceOf(database)}:${kind}`, [database.source]);
}

export function engineWords(database: Database): string[] {
  const engine = database.engine ?? '';
  return [
    engine,
    engine.includes('postgres') ? 'PostgreSQL' : '',
    engine.startsWith('aurora') ? 'Aurora' : '',
    database.encrypted === false ? 'unencrypted' : '',
  ];
}
