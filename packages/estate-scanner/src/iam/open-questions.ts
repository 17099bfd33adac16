import type { KeyValues } from './condition-keys.ts';
import type { QuestionGroup } from './questions.ts';

/**
 * Groups of one resource type with the same values that IAM is asked about again, of one evaluation. A condition on a tag that
 * differs on every resource would otherwise cost a call for each: what is beyond stays `conditional`.
 */
const MOST_GROUPS = 20;

/** Questions that the same values may settle. */
export interface OpenGroup extends QuestionGroup {
  values: KeyValues;
}

/** Gathers questions that are open for want of values. */
export class OpenQuestions {
  readonly #groups = new Map<
    string,
    { values: KeyValues; actions: Set<string>; arns: Set<string> }
  >();

  /** @returns the id of its group; null where there are too many already */
  add(resourceType: string, action: string, arn: string, values: KeyValues): string | null {
    const id = JSON.stringify([resourceType, values]);
    const known = this.#groups.get(id);
    if (known === undefined && this.#groups.size >= MOST_GROUPS) return null;
    const group = known ?? { values, actions: new Set(), arns: new Set() };
    group.actions.add(action);
    group.arns.add(arn);
    this.#groups.set(id, group);
    return id;
  }

  groups(): [id: string, group: OpenGroup][] {
    return Array.from(this.#groups, ([id, { values, actions, arns }]) => [
      id,
      { values, actions: [...actions].sort(), arns: [...arns] },
    ]);
  }
}
