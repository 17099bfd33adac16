import type { Resource } from '../resource.ts';
import { Resource as ResourceSchema } from '../resource.ts';
import type { ServiceScanner } from '../service-scanner.ts';

/** What is wrong, by what it is called in the output of a test; all lists empty where nothing is. */
export type Findings = Record<string, string[]>;

/** Texts that JavaScript makes of what is not there. */
const nothing = /(?:^|[\s/:-])(?:undefined|null|NaN|\[object Object\])(?:$|[\s/:])/u;

/** What a scanner says of itself. */
export function findingsInScanner(scanner: ServiceScanner): Findings {
  const { requiredPermissions, resourceTypes, words, actions } = scanner;
  const asked = Object.values(actions).flatMap(({ onResource = [], onContents = [] }) =>
    onResource.concat(onContents),
  );
  return {
    'types without words': resourceTypes.filter((type) => (words[type] ?? '').trim() === ''),
    'types named twice': resourceTypes.filter(
      (type, index) => resourceTypes.indexOf(type) !== index,
    ),
    'no actions of IAM': [...requiredPermissions, ...asked].filter(
      (action) => !/^[a-z0-9-]+:[A-Za-z0-9]+$/u.test(action),
    ),
    'no permissions': requiredPermissions.length > 0 ? [] : ['requiredPermissions is empty'],
  };
}

/** What a scan of one region found. */
export function findingsInResources(resources: readonly Resource[], region: string): Findings {
  const named = (wrong: (resource: Resource) => boolean): string[] =>
    resources.filter(wrong).map(({ key }) => key);
  return {
    'not the published schema': named((found) => !ResourceSchema.safeParse(found).success),
    'ARNs of another account or region': named(hasForeignArn),
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

/** Account and region of an ARN may be empty; what they say must be what the resource says. */
function hasForeignArn({ arn, account_id, region }: Resource): boolean {
  if (arn === null) return false;
  const [prefix, , , itsRegion = '', itsAccount = ''] = arn.split(':');
  return (
    prefix !== 'arn' ||
    (itsAccount !== '' && itsAccount !== account_id) ||
    (itsRegion !== '' && itsRegion !== region)
  );
}

function saysNothing({ resource_id, arn, name, relations, state }: Resource): boolean {
  const texts = [resource_id, arn, name, state, ...relations.map(({ target }) => target)];
  return texts.some((text) => text !== null && nothing.test(text));
}
