import type { PermissionRequest } from '../ports.ts';
import { targetArn } from './actions.ts';

/** Actions to ask about a number of ARNs: every action of each. */
export interface QuestionGroup {
  actions: readonly string[];
  arns: readonly string[];
}

/**
 * Turns requests into as few groups as possible: resources of one type with one set of actions together, account-wide
 * actions once, objects of buckets apart from the buckets.
 */
export function groupQuestions(
  requests: readonly PermissionRequest[],
  accountWide: ReadonlySet<string>,
): QuestionGroup[] {
  const groups = new Map<string, { actions: string[]; arns: Set<string> }>();
  for (const { resource_type, arn, actions } of requests) {
    const byTarget = new Map<string, Set<string>>();
    for (const action of actions) {
      const target = targetArn(action, arn, accountWide);
      byTarget.set(target, (byTarget.get(target) ?? new Set()).add(action));
    }
    for (const [target, names] of byTarget) {
      const sorted = Array.from(names).sort();
      const key = JSON.stringify([target === '*' ? '*' : resource_type, sorted]);
      const group = groups.get(key) ?? { actions: sorted, arns: new Set() };
      group.arns.add(target);
      groups.set(key, group);
    }
  }
  return Array.from(groups.values(), ({ actions, arns }) => ({ actions, arns: Array.from(arns) }));
}
