import { fits, unmetFields, type PolicySubject } from './conditions.ts';
import type { Policy, PolicyRule } from './policy.ts';

export type Effect = PolicyRule['effect'];

/** What a policy says to a step, and why. */
export interface Decision {
  effect: Effect;
  /** Ids of the rules that led to it; empty where none fits. */
  rules: string[];
  /** For people. */
  reasons: string[];
}

/** How one rule looked at a step. */
export interface RuleExplanation {
  id: string;
  effect: Effect;
  fits: boolean;
  /** Fields of its condition that the step does not meet. */
  unmet: string[];
}

const precedence = ['deny', 'require_approval', 'allow'] as const;

/** Decides about one step: deny beats require_approval beats allow. */
export function decide(policy: Policy, subject: PolicySubject): Decision {
  const fitting = policy.rules.filter((rule) => fits(rule, subject));
  for (const effect of precedence) {
    const rules = fitting.filter((rule) => rule.effect === effect);
    if (rules.length > 0) {
      return {
        effect,
        rules: rules.map(({ id }) => id),
        reasons: rules.map(({ id, reason }) => reason ?? `rule ${id}: ${effect}`),
      };
    }
  }
  const isDenied = subject.risk === 'destructive';
  return {
    effect: isDenied ? 'deny' : 'require_approval',
    rules: [],
    reasons: [`no rule speaks of it, and it is ${subject.risk}`],
  };
}

/** How every rule of a policy looks at a step, in the policy's order. */
export function explainRules(policy: Policy, subject: PolicySubject): RuleExplanation[] {
  return policy.rules.map((rule) => {
    const unmet = unmetFields(rule, subject);
    return { id: rule.id, effect: rule.effect, fits: unmet.length === 0, unmet };
  });
}
