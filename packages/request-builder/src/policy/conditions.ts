import { matchesGlob } from '../risk/operation-pattern.ts';
import type { PlaybookCommand } from '../protocol/command.ts';
import type { RiskClass } from '../protocol/risk.ts';
import type { PolicyCondition, PolicyRule } from './policy.ts';
import { isWithin } from './time-window.ts';

interface SubjectResource {
  type: string;
  tags: Readonly<Record<string, string>>;
}

/** What a policy looks at in a step. */
export interface PolicySubject {
  risk: RiskClass;
  command: PlaybookCommand;
  /** IAM actions that the step needs, as far as known. */
  actions: readonly string[];
  grounding: 'yes' | 'no' | 'unknown';
  account_id: string;
  /** Null: a global service, or no AWS call. */
  region: string | null;
  /** The resources of the context that the step is about. */
  resources: readonly SubjectResource[];
  /** Whether it may also act on something else, of which nothing is known. */
  reachesFurther: boolean;
  now: Date;
}

/**
 * The fields of a rule's condition that a step does not meet; none where the rule fits.
 *
 * Of the resources of a step one that meets is enough to ask or to deny; to allow, all have to meet, and nothing unknown may be among them.
 */
export function unmetFields({ effect, when }: PolicyRule, subject: PolicySubject): string[] {
  const { command, resources, reachesFurther } = subject;
  const meets = (test: (resource: SubjectResource) => boolean): boolean =>
    effect === 'allow'
      ? !reachesFurther && resources.length > 0 && resources.every(test)
      : resources.some(test);
  const call = command.type === 'aws_cli' ? command : null;
  const isMet: Record<keyof PolicyCondition, boolean> = {
    risk: !when.risk || when.risk.includes(subject.risk),
    step_types: !when.step_types || when.step_types.includes(command.type),
    services: matches(when.services, call && call.service),
    operations: matches(when.operations, call && `${call.service} ${call.operation}`),
    actions: !when.actions || subject.actions.some((action) => matches(when.actions, action)),
    regions: matches(when.regions, subject.region),
    accounts: matches(when.accounts, subject.account_id),
    resource_types: !when.resource_types || meets(({ type }) => matches(when.resource_types, type)),
    tags: Object.entries(when.tags ?? {}).every(([key, patterns]) =>
      meets(({ tags }) => Object.hasOwn(tags, key) && matches(patterns, tags[key] ?? '')),
    ),
    grounding: !when.grounding || when.grounding.includes(subject.grounding),
    time: !when.time || isWithin(when.time, subject.now),
  };
  return Object.entries(isMet).flatMap(([name, met]) => (met ? [] : [name]));
}

/** Whether a rule fits a step. Most rules differ in the class, which costs nothing to compare. */
export function fits(rule: PolicyRule, subject: PolicySubject): boolean {
  if (rule.when.risk && !rule.when.risk.includes(subject.risk)) return false;
  return unmetFields(rule, subject).length === 0;
}

/** A field that is not in the condition is met by everything; one that is there, by no null. */
function matches(patterns: readonly string[] | null | undefined, value: string | null): boolean {
  if (!patterns) return true;
  return value !== null && patterns.some((pattern) => matchesGlob(pattern, value));
}
