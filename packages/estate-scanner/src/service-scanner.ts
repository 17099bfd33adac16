import type { DeclaredServiceScanner } from './declarative/declaration.ts';
import { fromDeclaration } from './declarative/define.ts';
import { ScanError } from './errors.ts';
import type { DiscoveredResource } from './resource.ts';
import { isResourceType } from './resource-type.ts';
import type { ScanContext, TypeActions } from './scan-context.ts';

export type { ScanContext, TypeActions } from './scan-context.ts';

/** Finds the resources of one service. */
export interface ServiceScanner {
  /** Its name in `scan({ services })` and in the report. */
  readonly service: string;
  /** Everything that `scan` may yield: `service:type`. */
  readonly resourceTypes: readonly string[];
  /** `regional`: once per region; `global`: once per account. */
  readonly scope: 'regional' | 'global';
  /** IAM actions that `scan` needs. */
  readonly requiredPermissions: readonly string[];
  /** What to ask IAM, by resource type. */
  readonly actions: Readonly<Record<string, TypeActions>>;
  /** What each type is, in words of meaning: "virtual machine server". Part of the text that is searched. */
  readonly words: Readonly<Record<string, string>>;
  scan(context: ScanContext): AsyncIterable<DiscoveredResource>;
}

/** A {@link ServiceScanner} as it is written: `scope` is `regional`, everything that may be empty may be left out. */
export type ServiceScannerDefinition = Pick<ServiceScanner, 'service' | 'resourceTypes' | 'scan'> &
  Partial<ServiceScanner>;

/**
 * Makes a service scanner of its definition: a function that scans, or a declaration of what the AWS CLI lists.
 *
 * @throws ScanError `INVALID_SCANNER` with what is wrong
 */
export function defineServiceScanner(
  definition: ServiceScannerDefinition | DeclaredServiceScanner,
): ServiceScanner {
  return 'resources' in definition ? checked(fromDeclaration(definition)) : checked(definition);
}

function checked(definition: ServiceScannerDefinition): ServiceScanner {
  const { service, resourceTypes, scope = 'regional', actions = {}, words = {} } = definition;
  const invalid = (message: string): ScanError =>
    new ScanError('INVALID_SCANNER', `service scanner "${service}": ${message}`);
  if (typeof service !== 'string' || !/^[a-z][a-z0-9-]*$/u.test(service)) {
    throw invalid('service must be lower case letters, digits and dashes');
  }
  if (!Array.isArray(resourceTypes) || resourceTypes.length === 0) {
    throw invalid('resourceTypes must name at least one type');
  }
  for (const type of resourceTypes) {
    if (!isResourceType(type)) {
      throw invalid(`"${String(type)}" must read service:type, for example sqs:queue`);
    }
  }
  if (typeof definition.scan !== 'function') throw invalid('scan must be a function');
  for (const type of [...Object.keys(actions), ...Object.keys(words)]) {
    if (!resourceTypes.includes(type)) throw invalid(`"${type}" is not one of its resourceTypes`);
  }
  return Object.freeze({
    service,
    resourceTypes: Object.freeze([...resourceTypes]),
    scope,
    requiredPermissions: Object.freeze([...(definition.requiredPermissions ?? [])]),
    actions,
    words,
    scan: (context: ScanContext) => definition.scan(context),
  });
}
