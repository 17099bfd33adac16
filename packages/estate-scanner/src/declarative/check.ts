import { ScanError } from '../errors.ts';
import { isResourceType } from '../resource-type.ts';
import type { DeclaredCall, DeclaredResource, DeclaredServiceScanner } from './declaration.ts';

/** Every field of a type, so that a new one cannot be forgotten here. */
const resourceFields: Record<keyof DeclaredResource, true> = {
  type: true,
  words: true,
  actions: true,
  through: true,
  list: true,
  read: true,
  arn: true,
  arnFormat: true,
  id: true,
  idPrefix: true,
  name: true,
  state: true,
  created_at: true,
  tags: true,
  taggedAs: true,
  attributes: true,
  relations: true,
  search_words: true,
};
const scannerFields: Record<keyof DeclaredServiceScanner, true> = {
  service: true,
  scope: true,
  requiredPermissions: true,
  resources: true,
};
const placeholders = ['partition', 'region', 'account', 'id'];

/**
 * Checks what types alone do not: declarations are also written in JavaScript, and a field with a typing error would be left out
 * without a word.
 *
 * @throws ScanError `INVALID_SCANNER` with what is wrong
 */
export function checkDeclaration(declaration: DeclaredServiceScanner): void {
  const { service, resources } = declaration;
  const refuse = (message: string): never => {
    throw new ScanError('INVALID_SCANNER', `service scanner "${service}": ${message}`);
  };
  refuseUnknown(declaration, scannerFields, 'a declared scanner', refuse);
  if (!Array.isArray(resources) || resources.length === 0) {
    refuse('resources must be a list of at least one type');
  }
  for (const resource of resources) {
    if (typeof resource !== 'object' || resource === null) refuse('a resource must be an object');
    if (!isResourceType(resource.type)) {
      refuse(`type "${String(resource.type)}" must read service:type, for example sqs:queue`);
    }
    checkResource(resource, (message) => refuse(`${resource.type}: ${message}`));
  }
}

type Refuse = (message: string) => never;

function checkResource(declared: DeclaredResource, refuse: Refuse): void {
  const { list, read, through = [], arn, arnFormat, id } = declared;
  refuseUnknown(declared, resourceFields, 'a resource', refuse);
  if ((list === undefined) === (read === undefined)) {
    refuse('it needs one of list (paged by the CLI) and read (one answer)');
  }
  for (const call of [...through, ...(list ? [list] : []), ...(read ? [read] : [])]) {
    checkCall(call, refuse);
  }
  for (const { call, as, atOnce = 1 } of through) {
    if (typeof as !== 'string' || as === '') {
      refuse(`as of "${call}" must name the parameter that takes what it finds, like "QueueUrl"`);
    }
    if (!Number.isInteger(atOnce) || atOnce < 1) refuse('atOnce must be a whole number');
  }
  if ((arn === undefined || arn === '') === (arnFormat === undefined)) {
    refuse('it needs one of arn (a JMESPath expression) and arnFormat');
  }
  if (arnFormat !== undefined && id === undefined) refuse('arnFormat needs an id');
  for (const [, name] of (arnFormat ?? '').matchAll(/\{([^}]*)\}/gu)) {
    if (!placeholders.includes(name ?? '')) {
      refuse(
        `arnFormat has {${name}}: known are ${placeholders.map((one) => `{${one}}`).join(' ')}`,
      );
    }
  }
  for (const [field, expression] of expressionsOf(declared)) {
    if (typeof expression !== 'string' || expression.trim() === '') {
      refuse(`${field} must be a JMESPath expression, not ${JSON.stringify(expression)}`);
    }
  }
}

function checkCall({ call, items }: DeclaredCall, refuse: Refuse): void {
  if (!/^[a-z][a-z0-9-]* [a-z][a-z0-9-]*$/u.test(call)) {
    refuse(
      `call "${call}" must be a service and an operation of the AWS CLI, like "sqs list-queues"`,
    );
  }
  if (typeof items !== 'string' || items.trim() === '') {
    refuse(`items of "${call}" must be a JMESPath expression`);
  }
}

function expressionsOf(declared: DeclaredResource): [field: string, expression: unknown][] {
  const { id, name, state, created_at, tags } = declared;
  const { attributes = {}, relations = [], search_words = [] } = declared;
  return [
    ...Object.entries({ id, name, state, created_at, tags }).filter(
      ([, expression]) => expression !== undefined,
    ),
    ...Object.entries(attributes).map(([field, path]): [string, unknown] => [
      `attributes.${field}`,
      path,
    ]),
    ...relations.map((edge): [string, unknown] => [
      `the relation ${edge.type}`,
      'target' in edge ? edge.target : edge.id,
    ]),
    ...search_words.map((path): [string, unknown] => ['search_words', path]),
  ];
}

function refuseUnknown(
  value: object,
  fields: Readonly<Record<string, true>>,
  what: string,
  refuse: Refuse,
): void {
  const unknown = Object.keys(value).find((field) => !Object.hasOwn(fields, field));
  if (unknown === undefined) return;
  refuse(`"${unknown}" is no field of ${what}; known are ${Object.keys(fields).join(', ')}`);
}
