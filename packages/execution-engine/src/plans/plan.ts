import { z } from 'zod';
import { awsCliCommandOf } from '../commands/aws-cli.ts';
import { execCommandOf } from '../commands/exec.ts';
import { scriptCommandOf } from '../commands/script.ts';
import { ShellCommand } from '../commands/shell.ts';
import { Argument } from '../commands/values.ts';
import { Json } from '../json.ts';
import { InputText, TimerMs, runFields } from '../request.ts';
import { OutputSource } from './outputs.ts';
import { Name, Ref } from './refs.ts';

const ArgumentOrRef = z.union([Argument, Ref]);
const TextOrRef = z.union([z.string(), Ref]);

/**
 * A command whose arguments and parameters may be refs. A `shell` line takes none: values reach it through `env`.
 */
export const StepCommand = z.discriminatedUnion('type', [
  scriptCommandOf(ArgumentOrRef),
  execCommandOf(ArgumentOrRef),
  ShellCommand,
  awsCliCommandOf(ArgumentOrRef, Json),
]);
/** A command whose arguments and parameters may be refs. */
export type StepCommand = z.infer<typeof StepCommand>;

/** One step of a plan. */
export const PlanStep = z.strictObject({
  id: Name,
  command: StepCommand,
  env: z.record(z.string(), TextOrRef).nullish(),
  stdin: z.union([InputText, Ref]).nullish(),
  ...runFields,
  /** Steps that must have ended before this one; for `dependency_graph`. */
  depends_on: z.array(Name).nullish(),
  /** `success` (default): what it depends on succeeded; `failure`: something before it failed; `always`: also after cancel. */
  when: z.enum(['success', 'failure', 'always']).nullish(),
  /** A failure of this step does not count. */
  allow_failure: z.boolean().nullish(),
  /** Values for later steps, by name. */
  outputs: z.record(Name, OutputSource).nullish(),
});
/** One step of a plan. */
export type PlanStep = z.infer<typeof PlanStep>;

const MaxConcurrency = z.int().min(1).max(10_000).nullish();

/** In which order steps run, and what a failure means for the others. */
export const Strategy = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('serial'),
    /** Default true. */
    stop_on_error: z.boolean().nullish(),
  }),
  z.strictObject({
    type: z.literal('parallel'),
    max_concurrency: MaxConcurrency,
    /** Default false. */
    stop_on_error: z.boolean().nullish(),
  }),
  z.strictObject({
    type: z.literal('dependency_graph'),
    max_concurrency: MaxConcurrency,
    /** `stop` (default) starts nothing new; `continue` goes on with what does not depend on it; `kill` also ends what runs. */
    on_failure: z.enum(['stop', 'continue', 'kill']).nullish(),
  }),
]);
/** In which order steps run, and what a failure means for the others. */
export type Strategy = z.infer<typeof Strategy>;

/** Several commands with an order between them. */
export const Plan = z.strictObject({
  /** A UUID, and the idempotency key. Default: a new one. */
  id: z.guid().nullish(),
  name: z.string().nullish(),
  /** Values for `parameters.NAME` refs. */
  parameters: z.record(Name, Json).nullish(),
  strategy: Strategy,
  steps: z.array(PlanStep).min(1).max(50_000),
  /** The longest that the plan may take; then it is ended as by cancel, with status `failed`. */
  timeout_ms: TimerMs.nullish(),
});
/** Several commands with an order between them. */
export type Plan = z.infer<typeof Plan>;
