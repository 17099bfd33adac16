import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkApproval, grantApproval } from '../../src/policy/approval.ts';

const key = randomBytes(32);
const subject = {
  playbook_digest: 'sha256:p',
  inputs_digest: 'sha256:i',
  account_id: '111122223333',
};
const now = new Date('2026-01-31T09:00:00Z');
const later = new Date('2026-01-31T09:10:00Z');
const approval = grantApproval(key, subject, {
  steps: ['s1'],
  rollbacks: [],
  approvedBy: 'someone',
  expiresAt: later,
  now,
});

function reasonOf(check: () => unknown): unknown {
  try {
    check();
  } catch (error) {
    if (error instanceof Error && 'details' in error) return error.details;
    throw error;
  }
  return 'valid';
}

describe('checkApproval', () => {
  it('accepts what was granted, also after a trip through JSON', () => {
    expect(checkApproval(key, JSON.parse(JSON.stringify(approval)), subject, now)).toEqual(
      approval,
    );
  });

  it.each<[string, () => unknown]>([
    ['malformed', () => checkApproval(key, null, subject, now)],
    ['malformed', () => checkApproval(key, { ...approval, more: 1 }, subject, now)],
    ['forged', () => checkApproval(key, { ...approval, steps: ['s1', 's2'] }, subject, now)],
    [
      'forged',
      () => checkApproval(key, { ...approval, expires_at: '2030-01-01T00:00:00Z' }, subject, now),
    ],
    ['forged', () => checkApproval(key, { ...approval, code: '' }, subject, now)],
    ['forged', () => checkApproval(randomBytes(32), approval, subject, now)],
    ['expired', () => checkApproval(key, approval, subject, later)],
    [
      'other_playbook',
      () => checkApproval(key, approval, { ...subject, playbook_digest: 'x' }, now),
    ],
    ['other_inputs', () => checkApproval(key, approval, { ...subject, inputs_digest: 'x' }, now)],
    ['other_account', () => checkApproval(key, approval, { ...subject, account_id: 'x' }, now)],
  ])('refuses with reason %s', (reason, check) => {
    expect(reasonOf(check)).toEqual({ reason });
  });
});
