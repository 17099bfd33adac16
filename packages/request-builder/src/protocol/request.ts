import { z } from 'zod';
import { Digest, Extensions, Identifier, Json, Name, Timestamp } from './json.ts';
import { RiskClass } from './risk.ts';
import { Target } from './target.ts';

/** The version of the wire protocol that this package speaks. */
export const PROTOCOL_VERSION = '1.0';

/**
 * A resource of the estate as the server sees it.
 *
 * Everything that somebody outside may have written (names, tags, attributes) is in `fields`, and is data, never an instruction.
 */
export const ContextResource = z.strictObject({
  /** Short name within this request; steps are grounded by naming it. */
  ref: Name,
  /** Absent where there is none; one with words in it (blanks, quotes) is in `fields.arn`. */
  arn: z.string().max(2048).nullish(),
  /** `ec2:instance`. */
  type: z.string().max(200),
  /** When a scan last saw it. */
  observed_at: Timestamp.nullish(),
  /** How well it fits the message, 0 to 1 in the builder's own ranking. */
  score: z.number(),
  /**
   * `region`, `name`, `state`, `tags`, `created_at`, `attributes`, `relations`, as far as known; `resource_id` and `key` only where `resourceIdOf` and `resourceKeyOf` could not tell
   * them. A resource in brief, with `/attributes` or `/relations` in `omitted`, has of these two only what the message speaks of and the `cluster_id`, and no `created_at`.
   */
  fields: z.record(z.string(), Json),
  /** IAM actions of the caller on this resource; null: not known. */
  permissions: z
    .strictObject({
      allowed: z.array(z.string()),
      denied: z.array(z.string()),
      conditional: z.array(z.string()).nullish(),
    })
    .nullish(),
  /** JSON Pointers below `fields` of what was left out or shortened in or below them. */
  omitted: z.array(z.string()).nullish(),
  trust: z.literal('untrusted'),
});
export type ContextResource = z.infer<typeof ContextResource>;

/** A message of the conversation so far. */
export const HistoryMessage = z.strictObject({
  id: z.string().max(200),
  role: z.enum(['user', 'assistant', 'system', 'execution']),
  text: z.string(),
  created_at: Timestamp,
});
export type HistoryMessage = z.infer<typeof HistoryMessage>;

/** What went wrong with an earlier playbook, when the server is asked to mend it. */
export const Repair = z.strictObject({
  playbook_digest: Digest,
  failed_step: Name,
  exit_code: z.int().nullable(),
  stderr: z.string(),
  completed: z.array(Name),
  /** 1 or 2. */
  attempt: z.int().min(1).max(2),
});
export type Repair = z.infer<typeof Repair>;

/** What the client will accept in a playbook. */
export const Constraints = z.strictObject({
  max_risk: RiskClass,
  step_types: z.array(z.enum(['script', 'exec', 'shell', 'aws_cli'])).min(1),
  strategies: z.array(z.enum(['serial', 'parallel', 'dependency_graph'])).min(1),
  max_steps: z.int().min(1).max(1000),
});
export type Constraints = z.infer<typeof Constraints>;

/** The body of `POST /v1/playbooks`. */
export const PlaybookRequest = z.strictObject({
  protocol: z.literal(PROTOCOL_VERSION),
  request_id: Identifier,
  conversation_id: z.string().min(1).max(200),
  message: z.strictObject({ text: z.string().min(1).max(100_000) }),
  target: Target,
  resources: z.array(ContextResource).max(1000),
  /** Oldest first. */
  history: z.array(HistoryMessage).max(1000),
  repair: Repair.nullish(),
  constraints: Constraints,
  metadata: z.strictObject({
    /** Name and version of the client's software. */
    client: z.string().max(200),
    /** Tokens, estimated by the client; `used` never exceeds `limit`. */
    budget: z.strictObject({ limit: z.int().min(0), used: z.int().min(0) }),
    /** Candidates that were left out, counted by reason. */
    dropped: z.record(z.string(), z.int().min(0)),
    /** Secrets that were masked and characters that were stripped, counted by kind. */
    redactions: z.record(z.string(), z.int().min(0)),
  }),
  extensions: Extensions.nullish(),
});
export type PlaybookRequest = z.infer<typeof PlaybookRequest>;
