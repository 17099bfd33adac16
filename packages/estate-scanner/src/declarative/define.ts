import { ScanError } from '../errors.ts';
import type { DiscoveredResource } from '../resource.ts';
import type { ScanContext, TypeActions } from '../scan-context.ts';
import type { DeclaredResource, DeclaredServiceScanner } from './declaration.ts';
import { scanDeclared } from './scan.ts';

/** The parts of a service scanner that its declaration tells. */
export interface Declared {
  service: string;
  scope: 'regional' | 'global';
  resourceTypes: string[];
  requiredPermissions: readonly string[];
  actions: Record<string, TypeActions>;
  words: Record<string, string>;
  scan(context: ScanContext): AsyncIterable<DiscoveredResource>;
}

/**
 * Turns a declaration into a service scanner.
 *
 * @throws ScanError `INVALID_SCANNER` with what is wrong
 */
export function fromDeclaration(declaration: DeclaredServiceScanner): Declared {
  const { service, scope = 'regional', requiredPermissions, resources } = declaration;
  for (const resource of resources) check(service, resource);
  return {
    service,
    scope,
    resourceTypes: resources.map(({ type }) => type),
    requiredPermissions,
    words: collect(resources, ({ words }) => words),
    actions: collect(resources, ({ actions }) => actions),
    scan: (context) => scanDeclared(context, resources),
  };
}

function collect<Value>(
  resources: readonly DeclaredResource[],
  field: (resource: DeclaredResource) => Value | undefined,
): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const resource of resources) {
    const value = field(resource);
    if (value !== undefined) values[resource.type] = value;
  }
  return values;
}

function check(service: string, declared: DeclaredResource): void {
  const { type, list, read, through = [], arn, arnFormat, id } = declared;
  const invalid = (message: string): ScanError =>
    new ScanError('INVALID_SCANNER', `service scanner "${service}": ${type}: ${message}`);
  if ((list === undefined) === (read === undefined)) {
    throw invalid('it needs one of list (paged by the CLI) and read (one answer)');
  }
  for (const { call, items } of [...through, ...(list ? [list] : []), ...(read ? [read] : [])]) {
    if (!/^[a-z][a-z0-9-]* [a-z][a-z0-9-]*$/u.test(call)) {
      throw invalid(
        `call "${call}" must be a service and an operation of the AWS CLI, like "sqs list-queues"`,
      );
    }
    if (typeof items !== 'string' || items.trim() === '') {
      throw invalid(`items of "${call}" must be a JMESPath expression`);
    }
  }
  for (const { atOnce = 1 } of through) {
    if (!Number.isInteger(atOnce) || atOnce < 1) throw invalid('atOnce must be a whole number');
  }
  if ((arn === undefined || arn === '') === (arnFormat === undefined)) {
    throw invalid('it needs one of arn (a JMESPath expression) and arnFormat');
  }
  if (arnFormat !== undefined && id === undefined) throw invalid('arnFormat needs an id');
}
