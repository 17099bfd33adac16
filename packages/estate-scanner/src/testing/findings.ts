import { partitionOfRegion } from '../aws/partitions.ts';
import type { Resource } from '../resource.ts';
import { Resource as ResourceSchema } from '../resource.ts';
import type { ServiceScanner } from '../service-scanner.ts';

/** What is wrong, by what it is called in the output of a test; all lists empty where nothing is. */
export type Findings = Record<string, string[]>;

/** Texts that JavaScript makes of what is not there. */
const nothing = /(?:^|[\s/:-])(?:undefined|null|NaN|\[object Object\])(?:$|[\s/:])/u;

/** What a scanner says of itself. */
export function findingsInScanner(scanner: ServiceScanner): Findings {
  const { requiredPermissions, resourceTypes, words } = scanner;
  return {
    'types without words': resourceTypes.filter((type) => (words[type] ?? '').trim() === ''),
    'no permissions': requiredPermissions.length > 0 ? [] : ['requiredPermissions is empty'],
  };
}

/** What a scan of one region found. */
export function findingsInResources(resources: readonly Resource[], region: string): Findings {
  const named = (wrong: (resource: Resource) => boolean): string[] =>
    resources.filter(wrong).map(({ key }) => key);
  return {
    'not the published schema': named((found) => !ResourceSchema.safeParse(found).success),
    'ARNs of another account, region or partition': named(hasForeignArn),
    'ARNs of another service': named(hasArnOfAnotherService),
    'ARNs that do not have the id': named(
      ({ arn, resource_id }) => arn !== null && !arn.includes(idIn(resource_id)),
    ),
    'outside of the region that was asked for': named(
      (found) => !['global', 'unknown', region].includes(found.region),
    ),
    'texts made of what is missing': named((found) => saysNothing(found)),
    'times that are no RFC 3339': named(
      ({ created_at }) =>
        created_at !== null && !/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/u.test(created_at),
    ),
  };
}

/** ARNs under which the Tagging API knows something that was not found by them; other services' tags may come with the same call. */
export function arnsOfNothing(tagged: readonly string[], resources: readonly Resource[]): string[] {
  const arns = new Set(resources.map(({ arn }) => arn));
  const services = new Set(resources.map(({ arn }) => arn?.split(':')[2]));
  return tagged.filter((arn) => services.has(arn.split(':')[2]) && !arns.has(arn));
}

/** Account and region of an ARN may be empty; what they say must be what the resource says. */
function hasForeignArn({ arn, account_id, region }: Resource): boolean {
  if (arn === null) return false;
  const [prefix, partition, , itsRegion = '', itsAccount = ''] = arn.split(':');
  return (
    prefix !== 'arn' ||
    (itsAccount !== '' && itsAccount !== account_id) ||
    (itsRegion !== '' && (itsRegion !== region || partition !== partitionOfRegion(itsRegion)))
  );
}

/** Databases of Neptune and DocumentDB have ARNs of RDS. */
const arnServices: Readonly<Record<string, string>> = { neptune: 'rds', docdb: 'rds' };

function hasArnOfAnotherService({ arn, service }: Resource): boolean {
  return arn !== null && arn.split(':')[2] !== (arnServices[service] ?? service);
}

/** `ec2:instance/i-0abc` is `i-0abc`. */
function idIn(resourceId: string): string {
  return resourceId.slice(resourceId.indexOf('/') + 1);
}

function saysNothing({ resource_id, arn, name, relations, state }: Resource): boolean {
  const texts = [resource_id, arn, name, state, ...relations.map(({ target }) => target)];
  return texts.some((text) => text !== null && nothing.test(text));
}
