import { z } from 'zod';
import { Playbook } from '../protocol/playbook.ts';
import { PlaybookRequest } from '../protocol/request.ts';
import { RiskClass } from '../protocol/risk.ts';

const Effect = z.enum(['allow', 'require_approval', 'deny']);

/** What the caller may do to one resource of a step. */
export const ResourcePreview = z.strictObject({
  ref: z.string(),
  arn: z.string().nullable(),
  type: z.string(),
  name: z.string().nullable(),
  /** IAM action to what the last scan was told; `unknown` where IAM was not asked. */
  permissions: z.record(z.string(), z.enum(['allowed', 'denied', 'conditional', 'unknown'])),
});
export type ResourcePreview = z.infer<typeof ResourcePreview>;

/** One step or rollback as a person decides about it. Nothing of it has run. */
export const StepPreview = z.strictObject({
  id: z.string(),
  title: z.string(),
  /** As it will be started, invisible characters written out (`\u{202e}`); `‹steps.ID.outputs.NAME›` is only known then, `‹sensitive›` is masked. The program of an aws_cli step is the engine's. */
  argv: z.array(z.string()),
  /** Content of an inline script, else null. */
  script: z.string().nullable(),
  /** Names and values of its variables, masked where sensitive. */
  env: z.record(z.string(), z.string()),
  stdin: z.string().nullable(),
  /** References that are still open. */
  unresolved: z.array(z.string()),
  region: z.string().nullable(),
  risk: RiskClass,
  /** Why it has that class. */
  reasons: z.array(z.string()),
  /** IAM actions that it needs, as far as known. */
  actions: z.array(z.string()),
  /** Its output is kept out of logs, events and history. */
  has_sensitive_output: z.boolean(),
  grounding: z.strictObject({
    status: z.enum(['yes', 'no', 'unknown']),
    reasons: z.array(z.string()),
  }),
  decision: z.strictObject({
    effect: Effect,
    /** Ids of the policy's rules that led to it. */
    rules: z.array(z.string()),
    reasons: z.array(z.string()),
  }),
  resources: z.array(ResourcePreview),
  depends_on: z.array(z.string()),
  /** An earlier run completed it: part of a repair, and not run again. */
  completed: z.boolean(),
  /** Name of what undoes it, null where nothing does. */
  rollback: z.string().nullable(),
});
export type StepPreview = z.infer<typeof StepPreview>;

/** A playbook as a person decides about it. Plain data: what `run` does is worked out again from playbook, request and inputs. */
export const Preview = z.strictObject({
  playbook: Playbook,
  /** The request that it answers. */
  request: PlaybookRequest,
  /** The value of every parameter. In clear, also where a parameter is sensitive. */
  inputs: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  /** The server's, without invisible characters. */
  summary: z.string(),
  playbook_digest: z.string(),
  inputs_digest: z.string(),
  account_id: z.string(),
  expires_at: z.string(),
  /** The highest class of the steps that run. */
  risk: RiskClass,
  /** The strictest decision about the steps that run. */
  decision: Effect,
  steps: z.array(StepPreview),
  /** By name. A rollback runs only where it was approved, its step completed, and the run failed. */
  rollbacks: z.record(z.string(), StepPreview),
});
export type Preview = z.infer<typeof Preview>;
