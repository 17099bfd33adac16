/**
 * How types of resources read, which is how AWS writes them in ARNs: the service in lower case, the kind of thing as it is
 * (`ec2:instance`, `states:stateMachine`). Without anchors, since keys have it in their middle.
 */
export const RESOURCE_TYPE_PATTERN = '[a-z0-9-]+:[A-Za-z0-9-]+';

/** The whole of a type. */
export const resourceTypeRegExp = new RegExp(`^${RESOURCE_TYPE_PATTERN}$`, 'u');

/** Whether something reads like a type of resources. */
export function isResourceType(value: unknown): value is string {
  return typeof value === 'string' && resourceTypeRegExp.test(value);
}
