import { ExecutionError } from '../errors.ts';
import type { Json } from '../json.ts';
import { endedStep, failureRules, joined, reasonToSkip } from './decide.ts';
import type { EndedStep, FailureRules, PlanState } from './decide.ts';
import { dependantsOf, dependenciesOf } from './graph.ts';
import type { Plan, PlanStep } from './plan.ts';
import { refTarget } from './refs.ts';
import type { StepResult } from './result.ts';

/** Which steps have ended, which may start, and which never will. Knows of no process. */
export class StepSchedule {
  readonly rules: FailureRules;
  readonly state: PlanState = { stopped: null, failedStep: null };
  readonly #steps: readonly PlanStep[];
  readonly #parameters: NonNullable<Plan['parameters']>;
  readonly #earlier: ReadonlyMap<string, StepResult>;
  readonly #onEnded: (result: StepResult, ended: number) => void;
  readonly #dependencies: number[][];
  readonly #dependants: number[][];
  readonly #waitingFor: number[];
  readonly #results: (StepResult | undefined)[];
  readonly #facts: (EndedStep | undefined)[];
  readonly #indexes: Map<string, number>;
  readonly #begun = new Set<number>();
  /** In the order in which they became ready; those before `#next` are done with. */
  readonly #ready: number[];
  #next = 0;
  #ended = 0;

  /**
   * @param earlier steps that an earlier plan has run: when their turn comes, this is what came of them
   * @param onEnded told of each step that has ended, and how many have
   */
  constructor(
    plan: Plan,
    earlier: ReadonlyMap<string, StepResult>,
    onEnded: (result: StepResult, ended: number) => void,
  ) {
    this.rules = failureRules(plan);
    this.#steps = plan.steps;
    this.#parameters = plan.parameters ?? {};
    this.#earlier = earlier;
    this.#onEnded = onEnded;
    this.#dependencies = dependenciesOf(plan);
    this.#dependants = dependantsOf(this.#dependencies);
    this.#waitingFor = this.#dependencies.map((list) => list.length);
    this.#results = plan.steps.map(() => undefined);
    this.#facts = this.#dependencies.map(() => undefined);
    this.#indexes = new Map(plan.steps.map((step, index) => [step.id, index]));
    this.#ready = this.#waitingFor.flatMap((count, index) => (count === 0 ? [index] : []));
  }

  /** Whether every step has ended. */
  get isOver(): boolean {
    return this.#ended === this.#steps.length;
  }

  /** Of the steps that have ended, in the plan's order. */
  get results(): StepResult[] {
    return this.#results.flatMap((result) => result ?? []);
  }

  /**
   * The next step to start, or null while there is none. What is not to run is skipped on the way.
   *
   * @param hasRoom whether one more may run
   */
  take(hasRoom: boolean): { index: number; step: PlanStep } | null {
    for (; this.#next < this.#ready.length; this.#next += 1) {
      const index = this.#ready[this.#next] ?? 0;
      const step = this.#steps[index];
      if (step === undefined) {
        this.#settle(index, joined(this.#factsBefore(index)));
        continue;
      }
      if (this.#begun.has(index)) continue;
      const before = this.#earlier.get(step.id);
      const reason = reasonToSkip(step, this.#factsBefore(index), this.state, this.rules);
      if (before !== undefined) this.end(index, { ...before, earlier: true });
      else if (reason !== null) this.end(index, { id: step.id, status: 'skipped', reason });
      else if (hasRoom) {
        this.#next += 1;
        this.begin(index);
        return { index, step };
      } else return null;
    }
    return null;
  }

  /** Notes that a step runs, though it was not taken: it ran before. */
  begin(index: number): void {
    this.#begun.add(index);
  }

  /** Where a step stands in the plan. */
  indexOf(id: string): number | undefined {
    return this.#indexes.get(id);
  }

  /** Notes how a step ended. */
  end(index: number, result: StepResult): void {
    const step = this.#steps[index];
    if (step === undefined || this.#results[index] !== undefined) return;
    this.begin(index);
    this.#results[index] = result;
    this.#ended += 1;
    if (result.status === 'failed' && !(step.allow_failure ?? false)) {
      this.state.failedStep ??= step.id;
    }
    this.#settle(index, endedStep(step, result.status, this.#factsBefore(index), this.rules));
    this.#onEnded(result, this.#ended);
  }

  /** The value of a ref. @throws ExecutionError `REF_UNRESOLVED` */
  lookUp(ref: string): Json {
    const target = refTarget(ref);
    const value =
      target?.kind === 'parameter'
        ? this.#parameters[target.name]
        : target?.kind === 'output'
          ? this.#results[this.indexOf(target.step) ?? -1]?.outputs?.[target.name]
          : undefined;
    if (value !== undefined) return value;
    throw new ExecutionError('REF_UNRESOLVED', `${ref} has no value: its step did not succeed`, {
      details: { ref },
    });
  }

  #settle(index: number, fact: EndedStep): void {
    this.#facts[index] = fact;
    for (const dependant of this.#dependants[index] ?? []) {
      const left = (this.#waitingFor[dependant] ?? 0) - 1;
      this.#waitingFor[dependant] = left;
      if (left === 0) this.#ready.push(dependant);
    }
  }

  #factsBefore(index: number): EndedStep[] {
    return (this.#dependencies[index] ?? []).flatMap((before) => this.#facts[before] ?? []);
  }
}
