import { RequestError } from '../errors.ts';
import type { Preview } from '../preview/preview.ts';
import { grantApproval, type Approval } from './approval.ts';

/** What somebody consents to. */
export interface ApprovalGrant {
  /** Who approves, in the host's own terms. */
  by: string;
  /** Ids. Default: all steps. */
  steps?: readonly string[];
  /** Names of rollbacks that may run where the run fails. Default: none. */
  rollbacks?: readonly string[];
  /** Default 900,000; never beyond the playbook's own expiry. */
  expiresInMs?: number;
}

const DEFAULT_EXPIRY_MS = 900_000;

/**
 * Makes the approval of a preview.
 *
 * @throws RequestError `INVALID_INPUT` for a step or rollback that the preview does not have
 */
export function approvePreview(
  key: Uint8Array,
  preview: Preview,
  { by, steps, rollbacks = [], expiresInMs = DEFAULT_EXPIRY_MS }: ApprovalGrant,
  now: Date,
): Approval {
  const ids = preview.steps.map(({ id }) => id);
  refuseUnknown('step', steps ?? [], ids);
  refuseUnknown('rollback', rollbacks, Object.keys(preview.rollbacks));
  const expiry = Math.min(now.getTime() + expiresInMs, Date.parse(preview.expires_at));
  const { playbook_digest, inputs_digest, account_id } = preview;
  return grantApproval(
    key,
    { playbook_digest, inputs_digest, account_id },
    {
      steps: [...(steps ?? ids)],
      rollbacks: [...rollbacks],
      approvedBy: by,
      expiresAt: new Date(expiry),
      now,
    },
  );
}

function refuseUnknown(kind: string, named: readonly string[], known: readonly string[]): void {
  const unknown = named.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new RequestError('INVALID_INPUT', `the preview has no ${kind} ${unknown.join(', ')}`);
}
