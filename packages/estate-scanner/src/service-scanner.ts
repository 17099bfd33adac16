import type { DeclaredServiceScanner } from './declarative/declaration.ts';
import { fromDeclaration } from './declarative/define.ts';
import { ScanError } from './errors.ts';
import type { DiscoveredResource } from './resource.ts';
import { checkDefinition, invalidScanner } from './scanner-check.ts';
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
  if (typeof definition !== 'object' || definition === null) {
    throw new ScanError('INVALID_SCANNER', 'a service scanner must be an object');
  }
  return 'resources' in definition ? checked(fromDeclaration(definition)) : checked(definition);
}

function checked(definition: ServiceScannerDefinition): ServiceScanner {
  const { service, resourceTypes, scope = 'regional', actions = {}, words = {} } = definition;
  const { requiredPermissions = [] } = definition;
  checkDefinition({ service, resourceTypes, scope, actions, words, requiredPermissions });
  if (typeof definition.scan !== 'function') {
    throw invalidScanner(service, 'scan must be a function, or resources a list of what to read');
  }
  return Object.freeze({
    service,
    resourceTypes: Object.freeze([...resourceTypes]),
    scope,
    requiredPermissions: Object.freeze([...requiredPermissions]),
    actions,
    words,
    scan: (context: ScanContext) => iterable(service, definition.scan(context)),
  });
}

/** @throws ScanError for what cannot be read: types alone do not keep a plugin from returning a promise. */
function iterable(
  service: string,
  found: AsyncIterable<DiscoveredResource>,
): AsyncIterable<DiscoveredResource> {
  const value: unknown = found;
  const isIterable =
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value);
  if (isIterable) return found;
  throw invalidScanner(service, 'scan must yield resources: write "async *scan(context) { … }"');
}
