import type { DiscoveredResource } from '../resource.ts';
import type { ScanContext, TypeActions } from '../scan-context.ts';
import { checkDeclaration } from './check.ts';
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
  checkDeclaration(declaration);
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
