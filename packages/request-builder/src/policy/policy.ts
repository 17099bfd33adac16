import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { findingsOf, RequestError } from '../errors.ts';
import { RiskClass } from '../protocol/risk.ts';
import { TimeWindow } from './time-window.ts';

const Patterns = z.array(z.string().min(1).max(200)).min(1).max(1000);

/** What a rule looks at; everything that is given has to fit. An empty condition fits every step. */
export const PolicyCondition = z.strictObject({
  risk: z.array(RiskClass).min(1).nullish(),
  step_types: z
    .array(z.enum(['script', 'exec', 'shell', 'aws_cli']))
    .min(1)
    .nullish(),
  /** CLI services, `*` for any text: `iam`, `sso*`. Fits aws_cli steps only. */
  services: Patterns.nullish(),
  /** `service operation`, `*` for any text: `ec2 stop-*`. Fits aws_cli steps only. */
  operations: Patterns.nullish(),
  /** IAM actions that the step needs, any of them: `ec2:Terminate*`. */
  actions: Patterns.nullish(),
  /** Regions in which the step acts; fits no step without one. */
  regions: Patterns.nullish(),
  accounts: Patterns.nullish(),
  /** Types of the resources that the step is about, `rds:*`: one is enough to ask or to deny, all have to fit to allow. */
  resource_types: Patterns.nullish(),
  /** Tags of the resources that the step is about, key to patterns of the value: one resource is enough to ask or to deny, all have to fit to allow. */
  tags: z.record(z.string(), Patterns).nullish(),
  grounding: z
    .array(z.enum(['yes', 'no', 'unknown']))
    .min(1)
    .nullish(),
  /** When the step is looked at; looked at again when it runs. */
  time: TimeWindow.nullish(),
});
export type PolicyCondition = z.infer<typeof PolicyCondition>;

export const PolicyRule = z.strictObject({
  /** Names the rule in explanations. */
  id: z.string().min(1).max(100),
  effect: z.enum(['allow', 'require_approval', 'deny']),
  when: PolicyCondition,
  /** For people: why. */
  reason: z.string().max(500).nullish(),
});
export type PolicyRule = z.infer<typeof PolicyRule>;

/**
 * Who may do what without being asked.
 *
 * All rules are looked at; deny beats require_approval beats allow. A step that no rule fits needs approval, or is denied where its class is
 * destructive.
 */
export const Policy = z.strictObject({
  version: z.literal(1),
  rules: z
    .array(PolicyRule)
    .max(1000)
    .refine(
      (rules) => new Set(rules.map(({ id }) => id)).size === rules.length,
      'two rules have one id',
    ),
});
export type Policy = z.infer<typeof Policy>;

/**
 * What holds where the host says nothing: reading is allowed; everything else needs approval; what takes away things that nobody spoke of, and changes of identities
 * and rights that nobody asked for, are denied.
 */
export const defaultPolicy: Policy = {
  version: 1,
  rules: [
    { id: 'read', effect: 'allow', when: { risk: ['read_only'] } },
    {
      id: 'change',
      effect: 'require_approval',
      when: { risk: ['sensitive_read', 'mutating', 'destructive'] },
    },
    {
      id: 'strangers',
      effect: 'deny',
      when: { risk: ['destructive'], grounding: ['no'] },
      reason: 'it would take away something that is neither in the context nor named by the user',
    },
    {
      id: 'identities',
      effect: 'deny',
      when: {
        risk: ['mutating', 'destructive'],
        services: ['iam', 'sso-admin', 'identitystore', 'organizations'],
        grounding: ['no', 'unknown'],
      },
      reason: 'it would change identities or rights that nobody asked for',
    },
  ],
};

/**
 * Checks a policy.
 *
 * @throws RequestError `POLICY_INVALID` with the path of what is wrong; a policy that does not parse is never an empty one
 */
export function parsePolicy(input: unknown): Policy {
  const parsed = Policy.safeParse(input);
  if (parsed.success) return parsed.data;
  const findings = findingsOf(parsed.error);
  throw new RequestError(
    'POLICY_INVALID',
    `policy: ${findings.map(({ pointer, message }) => `${pointer || '/'} ${message}`).join('; ')}`,
    { details: { errors: findings.map(({ pointer, message }) => ({ pointer, message })) } },
  );
}

/**
 * Reads a policy from a JSON file.
 *
 * @throws RequestError `POLICY_INVALID` where the file is missing, no JSON or no policy
 */
export async function readPolicy(path: string): Promise<Policy> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new RequestError('POLICY_INVALID', `the policy ${path} cannot be read as JSON`, {
      cause: error,
    });
  }
  return parsePolicy(document);
}
