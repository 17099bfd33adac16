import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { type NamedPolicy, conditionKeys, resourcePatterns } from './policy-statements.ts';
import type { PrincipalPolicies } from './principal.ts';
import { wildcardMatches } from './wildcard.ts';

/** IAM's words for a decision. */
export type Decision = 'allowed' | 'explicitDeny' | 'implicitDeny';

/** What is decided about one action on one resource. */
export interface Evaluation {
  resource: string;
  decision: Decision;
  /** Condition keys that bear on it and that nobody gave a value for. */
  missingContextValues: string[];
}

/** Values of condition keys. */
export type ContextValues = Readonly<Record<string, string | string[]>>;

const decisions = {
  Allowed: 'allowed',
  ExplicitlyDenied: 'explicitDeny',
  ImplicitlyDenied: 'implicitDeny',
} as const;

/** Decides about one action on one resource. */
export type Evaluator = (action: string, resource: string) => Evaluation;

/**
 * Decides from identity policies and boundary. As with the real call, resources are not looked at: their tags count only where the
 * caller gives them as context.
 *
 * @param extraPolicies policies that the caller passed to be considered as well
 */
export function evaluator(
  principal: PrincipalPolicies,
  extraPolicies: readonly NamedPolicy[],
  context: ContextValues,
): Evaluator {
  const policies = [...principal.policies, ...extraPolicies];
  const boundaries = principal.boundary === null ? [] : [principal.boundary];
  const known = { ...principalContext(principal), ...context };
  const given = new Set(Object.keys(known).map((key) => key.toLowerCase()));
  const account = principal.arn.split(':')[4] ?? '';

  const decide: Evaluator = (action, resource) => {
    const result = runUnsafeSimulation(
      {
        request: {
          principal: principal.arn,
          action,
          // The simulation of the API assumes the principal's own account unless told otherwise.
          resource: { resource, accountId: account },
          contextVariables: known,
        },
        identityPolicies: policies.map(toSimulated),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        ...(boundaries.length === 0
          ? {}
          : { permissionBoundaryPolicies: boundaries.map(toSimulated) }),
      },
      {},
    );
    const needed = conditionKeys([...policies, ...boundaries], action, resource);
    const missingContextValues = needed.filter((key) => !given.has(key.toLowerCase()));
    return { resource, decision: decisions[result], missingContextValues };
  };
  return remembering(decide, resourcePatterns([...policies, ...boundaries]));
}

/**
 * Resources that the same patterns cover are decided alike: one evaluation, half a millisecond, serves thousands of them. Patterns with
 * policy variables are not compared, so there nothing is remembered.
 */
function remembering(decide: Evaluator, patterns: readonly string[]): Evaluator {
  if (patterns.some((pattern) => pattern.includes('${'))) return decide;
  const remembered = new Map<string, Evaluation>();
  return (action, resource) => {
    const covered = patterns.map((pattern) => (wildcardMatches(pattern, resource) ? '1' : '0'));
    const key = `${action} ${covered.join('')}`;
    const evaluation = remembered.get(key) ?? decide(action, resource);
    remembered.set(key, evaluation);
    return { ...evaluation, resource };
  };
}

/** The most restrictive of several decisions, as the simulator sums them up. */
export function mostRestrictive(decisionsMade: readonly Decision[]): Decision {
  if (decisionsMade.includes('explicitDeny')) return 'explicitDeny';
  return decisionsMade.includes('implicitDeny') ? 'implicitDeny' : 'allowed';
}

/** The keys that IAM knows of the principal itself. */
function principalContext({ arn, kind, name, tags }: PrincipalPolicies): ContextValues {
  const tagged = Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]);
  return {
    'aws:PrincipalArn': arn,
    'aws:PrincipalAccount': arn.split(':')[4] ?? '',
    ...(kind === 'user' ? { 'aws:PrincipalType': 'User', 'aws:username': name } : {}),
    ...Object.fromEntries(tagged),
  };
}

function toSimulated({ name, document }: NamedPolicy) {
  return { name, policy: document };
}
