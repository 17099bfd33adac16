import { z } from 'zod';
import { Digest, Extensions, Identifier, Name, Timestamp } from './json.ts';
import { PlaybookRollback, PlaybookStep } from './step.ts';
import { Target } from './target.ts';

/** An input that the user may set before a playbook runs. */
export const PlaybookParameter = z.strictObject({
  type: z.enum(['string', 'integer', 'number', 'boolean']),
  description: z.string().max(1000).nullish(),
  /** A regular expression (ECMAScript, flag `u`) that the whole string has to match; for strings only. */
  pattern: z.string().max(500).nullish(),
  default: z.union([z.string().max(10_000), z.number(), z.boolean()]).nullish(),
  /** Masked in everything that is shown, logged and stored. */
  sensitive: z.boolean().nullish(),
});
export type PlaybookParameter = z.infer<typeof PlaybookParameter>;

const maxConcurrency = z.int().min(1).max(100).nullish();

/** The order in which steps run: one of the engine's three. */
export const PlaybookStrategy = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('serial'), stop_on_error: z.boolean().nullish() }),
  z.strictObject({
    type: z.literal('parallel'),
    max_concurrency: maxConcurrency,
    stop_on_error: z.boolean().nullish(),
  }),
  z.strictObject({
    type: z.literal('dependency_graph'),
    max_concurrency: maxConcurrency,
    on_failure: z.enum(['stop', 'continue', 'kill']).nullish(),
  }),
]);
export type PlaybookStrategy = z.infer<typeof PlaybookStrategy>;

/**
 * What a server proposes to do. No field has a default: digests and signatures are made over the document as it was sent.
 *
 * That it parses says nothing about its graph, its references or its safety; `validatePlaybook` and the policy do.
 */
export const Playbook = z.strictObject({
  schema: z.literal('playbook/v1'),
  playbook_id: Identifier,
  /** Of the request that it answers. */
  request_id: Identifier,
  /** `contextDigest` of that request. */
  context_digest: Digest,
  target: Target,
  /** For people; plain text. */
  summary: z.string().max(10_000),
  /** After this it must not be started. */
  expires_at: Timestamp,
  /** At most 100: each may have a pattern, which costs time. */
  parameters: z
    .record(Name, PlaybookParameter)
    .refine((parameters) => Object.keys(parameters).length <= 100, 'more than 100 parameters')
    .nullish(),
  strategy: PlaybookStrategy,
  steps: z.array(PlaybookStep).min(1).max(1000),
  rollbacks: z.record(Name, PlaybookRollback).nullish(),
  /** Over the RFC 8785 bytes of the playbook without this field. */
  signature: z
    .strictObject({
      alg: z.literal('Ed25519'),
      key_id: z.string().min(1).max(200),
      value: z.string().max(500),
    })
    .nullish(),
  extensions: Extensions.nullish(),
});
export type Playbook = z.infer<typeof Playbook>;
