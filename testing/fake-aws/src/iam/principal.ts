import type { MotoClient } from '../moto/client.ts';
import { elementText, elementTexts } from '../moto/xml.ts';
import type { NamedPolicy } from './policy-statements.ts';
import { IamError } from './iam-error.ts';

/** A user, group or role with all policies that bear on it. */
export interface PrincipalPolicies {
  arn: string;
  kind: PrincipalKind;
  name: string;
  policies: readonly NamedPolicy[];
  /** The permissions boundary, where there is one. */
  boundary: NamedPolicy | null;
  tags: Readonly<Record<string, string>>;
}

/** What can be asked about. */
export type PrincipalKind = 'user' | 'group' | 'role';

const nouns = { user: 'User', group: 'Group', role: 'Role' } as const;

/**
 * Asks moto for the policies of a principal: inline, attached, for a user those of its groups too, and its boundary.
 *
 * @throws IamError `InvalidInput` where the ARN is none of a user, group or role, `NoSuchEntity` where there is none
 */
export async function principalPolicies(moto: MotoClient, arn: string): Promise<PrincipalPolicies> {
  const match = /^arn:[\w-]+:iam::\d{12}:(user|group|role)\/(?:.*\/)?([^/]+)$/.exec(arn);
  const kind = kindOf(match?.[1]);
  const name = match?.[2];
  if (kind === null || name === undefined) {
    throw new IamError(
      'InvalidInput',
      `Invalid Entity Arn: ${arn} does not clearly define entity type and name.`,
    );
  }
  const entity = await ask(moto, `Get${nouns[kind]}`, { [`${nouns[kind]}Name`]: name });
  // The path is part of the ARN: another path is another principal.
  if (elementText(entity, 'Arn') !== arn) {
    throw new IamError('NoSuchEntity', `The ${kind} with ARN ${arn} cannot be found.`);
  }
  const policies = await policiesOf(moto, kind, name);
  if (kind === 'user') {
    const groups = await ask(moto, 'ListGroupsForUser', { UserName: name });
    for (const group of elementTexts(groups, 'GroupName')) {
      policies.push(...(await policiesOf(moto, 'group', group)));
    }
  }
  const boundaryArn = elementText(entity, 'PermissionsBoundaryArn');
  const boundary = boundaryArn === null ? null : await managedPolicy(moto, boundaryArn);
  return { arn, kind, name, policies, boundary, tags: tagsOf(entity) };
}

async function policiesOf(
  moto: MotoClient,
  kind: PrincipalKind,
  name: string,
): Promise<NamedPolicy[]> {
  const noun = nouns[kind];
  const entity = { [`${noun}Name`]: name };
  const policies: NamedPolicy[] = [];
  const inline = await ask(moto, `List${noun}Policies`, entity);
  for (const policyName of elementTexts(inline, 'member')) {
    const policy = await ask(moto, `Get${noun}Policy`, { ...entity, PolicyName: policyName });
    policies.push({ name: policyName, document: documentIn(policy, 'PolicyDocument') });
  }
  const attached = await ask(moto, `ListAttached${noun}Policies`, entity);
  for (const arn of elementTexts(attached, 'PolicyArn')) {
    policies.push(await managedPolicy(moto, arn));
  }
  return policies;
}

async function managedPolicy(moto: MotoClient, arn: string): Promise<NamedPolicy> {
  const policy = await ask(moto, 'GetPolicy', { PolicyArn: arn });
  const version = await ask(moto, 'GetPolicyVersion', {
    PolicyArn: arn,
    VersionId: elementText(policy, 'DefaultVersionId') ?? 'v1',
  });
  return { name: arn, document: documentIn(version, 'Document') };
}

async function ask(
  moto: MotoClient,
  action: string,
  parameters: Record<string, string>,
): Promise<string> {
  const form = new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters });
  const answer = await moto({
    service: 'iam',
    region: 'us-east-1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
  });
  if (answer.status < 300) return answer.body;
  throw new IamError(
    elementText(answer.body, 'Code') ?? 'ServiceFailure',
    elementText(answer.body, 'Message') ?? `${action} failed`,
  );
}

/** IAM gives documents percent-encoded (RFC 3986). */
function documentIn(xml: string, element: string): unknown {
  return JSON.parse(decodeURIComponent(elementText(xml, element) ?? '{}'));
}

function tagsOf(entity: string): Record<string, string> {
  const block = /<Tags>(.*?)<\/Tags>/s.exec(entity)?.[1] ?? '';
  const values = elementTexts(block, 'Value');
  return Object.fromEntries(elementTexts(block, 'Key').map((key, at) => [key, values[at] ?? '']));
}

function kindOf(text: string | undefined): PrincipalKind | null {
  return text === 'user' || text === 'group' || text === 'role' ? text : null;
}
