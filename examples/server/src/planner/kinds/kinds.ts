import { buckets } from './buckets.ts';
import { databaseClusters, databaseInstances } from './databases.ts';
import { functions } from './functions.ts';
import { instances } from './instances.ts';
import type { ResourceKind } from './kind.ts';
import { networkKinds } from './network.ts';

/** Every kind of resource the planner has commands for. */
export const KINDS: readonly ResourceKind[] = [
  instances,
  databaseInstances,
  databaseClusters,
  buckets,
  functions,
  ...networkKinds,
];

const BY_TYPE = new Map(KINDS.flatMap((kind) => kind.types.map((type) => [type, kind] as const)));

/** The kind of a resource type, or undefined where the planner has no commands for it. */
export function kindOfType(type: string): ResourceKind | undefined {
  return BY_TYPE.get(type);
}
