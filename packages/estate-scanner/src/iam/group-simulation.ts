import { ScanError } from '../errors.ts';
import { describeFailure, type IamFailure } from './failure.ts';
import type { QuestionGroup } from './questions.ts';

/** IAM gives at most this many results a page (`MaxItems`), one per action and ARN. */
export const RESULTS_PER_CALL = 1_000;

/** What a {@link GroupSimulation} needs from outside. */
export interface GroupSimulationParts {
  /** Asks IAM about every action on every ARN and keeps the decisions, all pages of them. */
  simulate(actions: readonly string[], arns: readonly string[]): Promise<void>;
  /** Told about everything that has no decision because of a failure. */
  onFailure(actions: readonly string[], arns: readonly string[], failure: IamFailure): void;
}

/**
 * Asks about one group in batches that IAM accepts: `1000 / actions` ARNs at first, half of it where IAM calls the
 * input invalid, down to the one ARN that is. An action that IAM does not know is found by asking about `*`, and left out.
 */
export class GroupSimulation {
  readonly #arns: readonly string[];
  readonly #parts: GroupSimulationParts;
  #actions: readonly string[];
  #validActions: Promise<readonly string[]> | null = null;
  #maxArns: number;

  constructor({ actions, arns }: QuestionGroup, parts: GroupSimulationParts) {
    this.#actions = actions;
    this.#arns = arns;
    this.#parts = parts;
    this.#maxArns = Math.max(1, Math.floor(RESULTS_PER_CALL / actions.length));
  }

  /** @throws ScanError `ABORTED` */
  async run(): Promise<void> {
    const batches: Promise<boolean>[] = [];
    const size = this.#maxArns;
    for (let start = 0; start < this.#arns.length; start += size) {
      batches.push(this.#batch(this.#arns.slice(start, start + size)));
    }
    await Promise.all(batches);
  }

  /** Whether everything in the batch was answered. */
  async #batch(arns: readonly string[]): Promise<boolean> {
    if (arns.length > this.#maxArns) return await this.#halves(arns);
    const actions = this.#actions;
    if (actions.length === 0) return false;
    try {
      await this.#parts.simulate(actions, arns);
      return true;
    } catch (error) {
      if (ScanError.is(error)) throw error;
      const failure = describeFailure(error);
      if (failure.reason === 'invalid') return await this.#afterInvalid(actions, arns, failure);
      this.#parts.onFailure(actions, arns, failure);
      return false;
    }
  }

  async #afterInvalid(
    actions: readonly string[],
    arns: readonly string[],
    failure: IamFailure,
  ): Promise<boolean> {
    this.#validActions ??= this.#findValid(actions);
    const valid = await this.#validActions;
    if (valid.length < actions.length) {
      this.#actions = valid;
      return await this.#batch(arns);
    }
    if (arns.length > 1) return await this.#halves(arns);
    this.#parts.onFailure(actions, arns, failure);
    return false;
  }

  async #halves(arns: readonly string[]): Promise<boolean> {
    const half = Math.ceil(arns.length / 2);
    const outcomes = await Promise.all([
      this.#batch(arns.slice(0, half)),
      this.#batch(arns.slice(half)),
    ]);
    const isAnswered = outcomes.every(Boolean);
    // Both halves pass where the whole did not: it was the size, and the batches to come are spared the attempt.
    if (isAnswered) this.#maxArns = Math.min(this.#maxArns, half);
    return isAnswered;
  }

  /** The actions that IAM knows, found by bisection. */
  async #findValid(actions: readonly string[]): Promise<readonly string[]> {
    try {
      await this.#parts.simulate(actions, ['*']);
      return actions;
    } catch (error) {
      if (ScanError.is(error)) throw error;
      const failure = describeFailure(error);
      if (failure.reason !== 'invalid') return actions;
      if (actions.length === 1) {
        this.#parts.onFailure(actions, this.#arns, failure);
        return [];
      }
      const half = Math.ceil(actions.length / 2);
      const valid = [
        await this.#findValid(actions.slice(0, half)),
        await this.#findValid(actions.slice(half)),
      ];
      return valid.flat();
    }
  }
}
