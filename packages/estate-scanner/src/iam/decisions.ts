import type { EvaluationResult } from '@aws-sdk/client-iam';

/** What IAM said about one action on one ARN. */
export type Decision = 'allowed' | 'denied' | 'conditional';

/** What IAM said, and which condition keys it had no value for. */
export interface Answer {
  plain: 'allowed' | 'denied';
  missing: readonly string[];
}

/** Decisions by action and ARN, whichever way IAM grouped its answer. */
export class DecisionTable {
  readonly #decisions = new Map<string, Answer>();

  get(action: string, arn: string): Answer | undefined {
    return this.#decisions.get(keyOf(action, arn));
  }

  /**
   * Adds one page of results. With several ARNs IAM answers for each in `ResourceSpecificResults`; with one the result
   * itself may be all there is, and its `EvalResourceName` may be a template instead of the ARN
   * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html).
   */
  add(results: readonly EvaluationResult[], arns: readonly string[]): void {
    for (const result of results) {
      const action = result.EvalActionName ?? '';
      const specific = result.ResourceSpecificResults ?? [];
      for (const { EvalResourceName, EvalResourceDecision, MissingContextValues } of specific) {
        this.#set(action, EvalResourceName, EvalResourceDecision, MissingContextValues);
      }
      if (specific.length > 0) continue;
      const arn = arns.length === 1 ? arns[0] : result.EvalResourceName;
      this.#set(action, arn, result.EvalDecision, result.MissingContextValues);
    }
  }

  #set(
    action: string,
    arn: string | undefined,
    decision: string | undefined,
    missingContext: readonly string[] | undefined,
  ): void {
    if (arn === undefined || decision === undefined) return;
    const plain = decision === 'allowed' ? 'allowed' : 'denied';
    this.#decisions.set(keyOf(action, arn), { plain, missing: missingContext ?? [] });
  }
}

function keyOf(action: string, arn: string): string {
  return `${action.toLowerCase()} ${arn}`;
}
