import { ScanError } from './errors.ts';
import { isResourceType } from './resource-type.ts';
import type { TypeActions } from './scan-context.ts';

/** What a service scanner says of itself. */
interface ScannerFacts {
  service: string;
  resourceTypes: readonly string[];
  scope: string;
  actions: Readonly<Record<string, TypeActions>>;
  words: Readonly<Record<string, string>>;
  requiredPermissions: readonly string[];
}

/** The error for a scanner that cannot be used. */
export function invalidScanner(service: unknown, message: string): ScanError {
  return new ScanError('INVALID_SCANNER', `service scanner "${String(service)}": ${message}`);
}

/**
 * Checks what a scanner says of itself. Plugins are also written in JavaScript, and what is wrong here would show far from its cause:
 * a scope of another name would be scanned nowhere, and its resources taken for gone.
 *
 * @throws ScanError `INVALID_SCANNER` with what is wrong
 */
export function checkDefinition(facts: ScannerFacts): void {
  const { service, resourceTypes, scope, actions, words, requiredPermissions } = facts;
  const refuse = (message: string): never => {
    throw invalidScanner(service, message);
  };
  if (typeof service !== 'string' || !/^[a-z][a-z0-9-]*$/u.test(service)) {
    refuse('service must be lower case letters, digits and dashes');
  }
  if (!Array.isArray(resourceTypes) || resourceTypes.length === 0) {
    refuse('resourceTypes must name at least one type');
  }
  for (const [index, type] of resourceTypes.entries()) {
    if (!isResourceType(type)) {
      refuse(`"${String(type)}" must read service:type, for example sqs:queue`);
    }
    if (resourceTypes.indexOf(type) !== index) refuse(`"${type}" is there twice`);
  }
  if (scope !== 'regional' && scope !== 'global') {
    refuse(`scope must be "regional" or "global", not "${scope}"`);
  }
  for (const type of [...Object.keys(actions), ...Object.keys(words)]) {
    if (!resourceTypes.includes(type)) refuse(`"${type}" is not one of its resourceTypes`);
  }
  const asked = Object.values(actions).flatMap(({ onResource = [], onContents = [] }) => [
    onResource,
    onContents,
  ]);
  for (const list of [requiredPermissions, ...asked]) {
    if (!Array.isArray(list)) refuse('permissions and actions must be lists of IAM actions');
    for (const action of list) {
      if (typeof action !== 'string' || !/^[a-z0-9-]+:[A-Za-z0-9]+$/u.test(action)) {
        refuse(
          `"${String(action)}" is no IAM action: it reads service:Action, like sqs:ListQueues`,
        );
      }
    }
  }
}
