/**
 * How types of resources read, which is how AWS writes them in ARNs: the service in lower case, the kind of thing as it is
 * (`ec2:instance`, `states:stateMachine`). Without anchors, since keys have it in their middle.
 */
export const RESOURCE_TYPE_PATTERN = '[a-z0-9-]+:[A-Za-z0-9-]+';

const resourceType = new RegExp(`^${RESOURCE_TYPE_PATTERN}$`, 'u');

export function isResourceType(value: unknown): value is string {
  return typeof value === 'string' && resourceType.test(value);
}
