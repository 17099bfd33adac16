import type { ContextResource } from './request.ts';

/**
 * The `service:type/id` of a resource (`ec2:instance/i-0abc`): its field `resource_id`, or its type and the last part of its ARN, from which the builder leaves it out. Null where
 * it has neither.
 */
export function resourceIdOf({ arn, type, fields }: ContextResource): string | null {
  const { resource_id: given } = fields;
  if (typeof given === 'string' && given !== '') return given;
  const id = arn?.split(/[:/]/).at(-1) ?? '';
  return id === '' ? null : `${type}/${id}`;
}

/**
 * The key of a resource in the estate, `{account}-{region}-{resource_id}`: its field `key`, or its parts, from which the builder leaves it out. Null where a part is missing.
 *
 * @param accountId of the request's target
 */
export function resourceKeyOf(resource: ContextResource, accountId: string): string | null {
  const { key, region } = resource.fields;
  if (typeof key === 'string' && key !== '') return key;
  const resourceId = resourceIdOf(resource);
  if (typeof region !== 'string' || resourceId === null) return null;
  return `${accountId}-${region}-${resourceId}`;
}
