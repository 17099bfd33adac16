import { z } from 'zod';
import { documentDigest } from '../protocol/digest.ts';

const Hash = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const ShownStep = z.strictObject({
  id: z.string(),
  argv: z.array(z.string()),
  risk: z.string(),
  effect: z.string(),
});

const EndedStep = z.strictObject({
  id: z.string(),
  status: z.string(),
  exit_code: z.int().nullable(),
});

/** What happened. Free of secrets: argv as previewed, no inputs, no output. */
export const AuditRecord = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('request_sent'),
    request_id: z.string(),
    request_digest: z.string(),
    idempotency_key: z.string(),
  }),
  z.strictObject({
    type: z.literal('reply_received'),
    request_id: z.string(),
    kind: z.enum(['playbook', 'clarification']),
    playbook_digest: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal('request_failed'),
    request_id: z.string(),
    code: z.string(),
  }),
  z.strictObject({
    type: z.literal('run_refused'),
    playbook_digest: z.string().nullable(),
    code: z.string(),
    message: z.string(),
  }),
  z.strictObject({
    type: z.literal('run_started'),
    playbook_digest: z.string(),
    inputs_digest: z.string(),
    account_id: z.string(),
    principal_arn: z.string(),
    approval_id: z.string().nullable(),
    approved_by: z.string().nullable(),
    steps: z.array(ShownStep),
  }),
  z.strictObject({
    type: z.literal('run_ended'),
    playbook_digest: z.string(),
    run_id: z.string(),
    status: z.string(),
    steps: z.array(EndedStep),
  }),
  z.strictObject({
    type: z.literal('rollback_started'),
    playbook_digest: z.string(),
    run_id: z.string(),
    steps: z.array(ShownStep),
  }),
  z.strictObject({
    type: z.literal('rollback_ended'),
    playbook_digest: z.string(),
    run_id: z.string(),
    steps: z.array(EndedStep),
  }),
]);
export type AuditRecord = z.infer<typeof AuditRecord>;

/** One line of an audit log. */
export const AuditEntry = z.strictObject({
  at: z.iso.datetime(),
  /** Hash of the entry before it; of the first, `sha256:` and 64 zeros. */
  previous: Hash,
  record: AuditRecord,
  /** SHA-256 over the RFC 8785 form of the other three. */
  hash: Hash,
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** What the first entry builds on. */
export const FIRST = `sha256:${'0'.repeat(64)}`;

/** The hash that an entry has to have. */
export function hashOf({ at, previous, record }: Omit<AuditEntry, 'hash'>): string {
  return documentDigest({ at, previous, record });
}
