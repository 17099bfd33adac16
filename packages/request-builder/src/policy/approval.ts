import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { RequestError } from '../errors.ts';
import { canonicalJson } from '../protocol/digest.ts';

/**
 * Somebody's consent to one run of one playbook: bound to its digest, the resolved inputs, the account and the steps that it covers, good until it expires, and for
 * one use. It carries a code that only whoever holds the builder's key can make.
 */
export const Approval = z.strictObject({
  approval_id: z.uuid(),
  playbook_digest: z.string(),
  inputs_digest: z.string(),
  account_id: z.string(),
  /** Ids of the steps and names of the rollbacks that it covers. */
  steps: z.array(z.string()),
  rollbacks: z.array(z.string()),
  /** Who approved, in the host's own terms. */
  approved_by: z.string().max(500),
  approved_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  /** HMAC-SHA-256 over the RFC 8785 form of everything else, base64url. */
  code: z.string(),
});
export type Approval = z.infer<typeof Approval>;

/** What an approval is for. */
export interface ApprovalSubject {
  playbook_digest: string;
  inputs_digest: string;
  account_id: string;
}

/** Makes an approval. */
export function grantApproval(
  key: Uint8Array,
  subject: ApprovalSubject,
  grant: { steps: string[]; rollbacks: string[]; approvedBy: string; expiresAt: Date; now: Date },
): Approval {
  const content = {
    approval_id: randomUUID(),
    ...subject,
    steps: grant.steps,
    rollbacks: grant.rollbacks,
    approved_by: grant.approvedBy,
    approved_at: grant.now.toISOString(),
    expires_at: grant.expiresAt.toISOString(),
  };
  return { ...content, code: codeOf(key, content).toString('base64url') };
}

/**
 * Checks all of an approval but whether it was used before.
 *
 * @throws RequestError `APPROVAL_INVALID` with `details.reason`: malformed, forged, expired, other_playbook, other_inputs, other_account
 */
export function checkApproval(
  key: Uint8Array,
  input: unknown,
  subject: ApprovalSubject,
  now: Date,
): Approval {
  const parsed = Approval.safeParse(input);
  if (!parsed.success) throw invalid('malformed', 'it has not the form of an approval');
  const approval = parsed.data;
  const { code, ...content } = approval;
  const expected = codeOf(key, content);
  const given = Buffer.from(code, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw invalid('forged', 'it was not made by this builder, or was changed');
  }
  if (Date.parse(approval.expires_at) <= now.getTime()) throw invalid('expired', 'it has expired');
  if (approval.playbook_digest !== subject.playbook_digest) {
    throw invalid('other_playbook', 'it was given for another playbook');
  }
  if (approval.inputs_digest !== subject.inputs_digest) {
    throw invalid('other_inputs', 'it was given for other inputs');
  }
  if (approval.account_id !== subject.account_id) {
    throw invalid('other_account', 'it was given for another account');
  }
  return approval;
}

/** The error for an approval that cannot be used. */
export function invalid(reason: string, message: string): RequestError {
  return new RequestError('APPROVAL_INVALID', `the approval is not valid: ${message}`, {
    details: { reason },
  });
}

function codeOf(key: Uint8Array, content: Omit<Approval, 'code'>): Buffer {
  return createHmac('sha256', key).update(canonicalJson(content)).digest();
}
