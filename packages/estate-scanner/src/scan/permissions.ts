import type { PermissionRequest, PermissionSource } from '../ports.ts';
import type { Permissions, Resource } from '../resource.ts';
import type { TypeActions } from '../service-scanner.ts';

/**
 * Fills in what the caller may do to each resource. A resource without an ARN, or of a type without actions, keeps null.
 *
 * @throws ScanError `ABORTED`
 */
export async function addPermissions(
  resources: readonly Resource[],
  source: PermissionSource,
  principalArn: string,
  actionsOf: (resourceType: string) => TypeActions | undefined,
  signal: AbortSignal,
): Promise<Resource[]> {
  const requests: PermissionRequest[] = [];
  const owners: number[] = [];
  for (const [index, resource] of resources.entries()) {
    for (const request of requestsFor(resource, actionsOf(resource.resource_type))) {
      requests.push(request);
      owners.push(index);
    }
  }
  const answers = await source.evaluate({ principalArn, requests, signal });
  const merged = new Map<number, Permissions>();
  for (const [index, answer] of answers.entries()) {
    const owner = owners[index];
    if (owner === undefined) continue;
    const before = merged.get(owner);
    merged.set(owner, before === undefined ? answer : merge(before, answer));
  }
  return resources.map((resource, index) => ({
    ...resource,
    permissions: merged.get(index) ?? null,
  }));
}

function requestsFor(resource: Resource, actions: TypeActions | undefined): PermissionRequest[] {
  const { arn, resource_type } = resource;
  if (arn === null || actions === undefined) return [];
  const { onResource = [], onContents = [] } = actions;
  const { tags } = resource;
  const isPlace = resource.region !== 'global' && resource.region !== 'unknown';
  const context = { tags, ...(isPlace && { region: resource.region }) };
  return [
    { resource_type, arn, actions: onResource, ...context },
    // An object has tags of its own, which nobody knows.
    { resource_type, arn: `${arn}/*`, actions: onContents, ...context, tags: null },
  ].filter((request) => request.actions.length > 0);
}

/** Two answers about one resource as one: evaluated as soon as one of them is, since unknown actions are in no list. */
function merge(a: Permissions, b: Permissions): Permissions {
  return {
    principal_arn: a.principal_arn,
    allowed: [...a.allowed, ...b.allowed],
    denied: [...a.denied, ...b.denied],
    conditional: [...a.conditional, ...b.conditional],
    evaluated_at: a.evaluated_at < b.evaluated_at ? a.evaluated_at : b.evaluated_at,
    status: a.status === 'evaluated' ? a.status : b.status,
  };
}
