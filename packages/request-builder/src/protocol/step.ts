import { OutputSource } from 'cloudops-execution-engine';
import { z } from 'zod';
import { PlaybookCommand, TextValue } from './command.ts';
import { Extensions, Name } from './json.ts';
import { RiskClass } from './risk.ts';

const Retry = z.strictObject({
  /** Including the first; 1 = no retry. */
  max_attempts: z.int().min(1).max(10),
  initial_delay_ms: z.int().min(0).max(600_000).nullish(),
  multiplier: z.number().min(1).max(10).nullish(),
  max_delay_ms: z.int().min(0).max(600_000).nullish(),
  on_exit_codes: z.array(z.int().min(0).max(255)).nullish(),
});

const work = {
  title: z.string().min(1).max(500),
  command: PlaybookCommand,
  /** The `ref`s of the request's resources that it reads or changes. */
  resources: z.array(Name).max(1000).nullish(),
  env: z.record(z.string(), TextValue).nullish(),
  stdin: TextValue.nullish(),
  /** Can only raise the class that the client finds by itself. */
  declared_risk: RiskClass.nullish(),
  timeout_ms: z.int().min(1).max(86_400_000).nullish(),
  idle_timeout_ms: z.int().min(1).max(86_400_000).nullish(),
  retry: Retry.nullish(),
  extensions: Extensions.nullish(),
};

/** One step of a playbook. */
export const PlaybookStep = z.strictObject({
  id: Name,
  ...work,
  depends_on: z.array(Name).max(1000).nullish(),
  /** Runs when what it depends on has succeeded (default), failed, or in any case. */
  when: z.enum(['success', 'failure', 'always']).nullish(),
  allow_failure: z.boolean().nullish(),
  /** Values taken from what it printed, by name, for later steps. */
  outputs: z.record(Name, OutputSource).nullish(),
  /** Name in the playbook's `rollbacks`. */
  rollback: Name.nullish(),
});
export type PlaybookStep = z.infer<typeof PlaybookStep>;

/** How a step is undone. */
export const PlaybookRollback = z.strictObject(work);
export type PlaybookRollback = z.infer<typeof PlaybookRollback>;
