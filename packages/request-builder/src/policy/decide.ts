import { matchesGlob } from '../risk/operation-pattern.ts';
import type { PlaybookCommand } from '../protocol/command.ts';
import type { RiskClass } from '../protocol/risk.ts';
import type { Policy, PolicyCondition, PolicyRule } from './policy.ts';

/** What a policy looks at in a step. */
export interface PolicySubject {
  risk: RiskClass;
  command: PlaybookCommand;
  grounding: 'yes' | 'no' | 'unknown';
  account_id: string;
  /** Null: a global service, or no AWS call. */
  region: string | null;
  /** The resources that the step names. */
  resources: readonly { type: string; tags: Readonly<Record<string, string>> }[];
}

export type Effect = PolicyRule['effect'];

/** What a policy says to a step, and why. */
export interface Decision {
  effect: Effect;
  /** Ids of the rules that led to it; empty where none fits. */
  rules: string[];
  /** For people. */
  reasons: string[];
}

/** Decides about one step: deny beats require_approval beats allow. */
export function decide(policy: Policy, subject: PolicySubject): Decision {
  const fitting = policy.rules.filter((rule) => fits(rule.when, subject));
  for (const effect of ['deny', 'require_approval', 'allow'] as const) {
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

function fits(when: PolicyCondition, subject: PolicySubject): boolean {
  const { command, resources } = subject;
  const isAws = command.type === 'aws_cli';
  const service = isAws ? command.service : null;
  const operation = isAws ? `${command.service} ${command.operation}` : null;
  const tests: boolean[] = [
    includes(when.risk, subject.risk),
    includes(when.step_types, command.type),
    includes(when.grounding, subject.grounding),
    matches(when.services, service),
    matches(when.operations, operation),
    matches(when.regions, subject.region),
    matches(when.accounts, subject.account_id),
    !when.resource_types || resources.some(({ type }) => matches(when.resource_types, type)),
    Object.entries(when.tags ?? {}).every(([key, patterns]) =>
      resources.some(
        ({ tags }) => Object.hasOwn(tags, key) && matches(patterns, tags[key] ?? null),
      ),
    ),
  ];
  return tests.every(Boolean);
}

function includes<T>(wanted: readonly T[] | null | undefined, value: T): boolean {
  return !wanted || wanted.includes(value);
}

function matches(patterns: readonly string[] | null | undefined, value: string | null): boolean {
  if (!patterns) return true;
  return value !== null && patterns.some((pattern) => matchesGlob(pattern, value));
}
