import { z } from 'zod';
import { RequestError } from './errors.ts';
import type { BuilderEngine } from './ports.ts';
import type { Target } from './protocol/target.ts';

const CallerIdentity = z.object({ Account: z.string(), Arn: z.string() });

/** Whose credentials the engine uses. */
export interface Identity {
  partition: string;
  account_id: string;
  principal_arn: string;
}

/**
 * Asks AWS who the caller is (`sts get-caller-identity`), with the engine's own configuration, as the steps of a playbook will have it.
 *
 * @throws RequestError `IDENTITY_UNKNOWN`, `ABORTED`
 */
export async function callerIdentity(
  engine: BuilderEngine,
  signal?: AbortSignal,
): Promise<Identity> {
  const result = await engine.run(
    {
      command: { type: 'aws_cli', service: 'sts', operation: 'get-caller-identity' },
      inherit_env: false,
      log: false,
      timeout_ms: 60_000,
    },
    signal ? { signal } : {},
  );
  if (signal?.aborted) {
    throw new RequestError('ABORTED', 'the caller aborted', { cause: signal.reason });
  }
  const identity = CallerIdentity.safeParse(parseJson(result.stdout)).data;
  const partition = identity?.Arn.split(':')[1];
  if (result.status !== 'completed' || !identity || !partition) {
    const stderr = result.stderr.trim().slice(0, 500);
    // Without a word of the CLI it did not run: it is not there, or its log cannot be written.
    const reason = stderr === '' ? (result.error?.message ?? 'it gave no answer') : stderr;
    throw new RequestError(
      'IDENTITY_UNKNOWN',
      `AWS did not say who the caller is (${reason}). Does the engine have the AWS CLI (awsCli.binary) and credentials (awsCli.env, or the user's AWS configuration)?`,
      { retryable: true, details: { exit_code: result.exit_code, stderr } },
    );
  }
  return { partition, account_id: identity.Account, principal_arn: identity.Arn };
}

/**
 * @throws RequestError `TARGET_MISMATCH` where the caller is in another account or partition than the playbook's
 */
export function requireIdentity(identity: Identity, target: Target): void {
  const errors = (['account_id', 'partition'] as const)
    .filter((field) => identity[field] !== target[field])
    .map((field) => ({
      pointer: `/target/${field}`,
      message: `the credentials belong to ${identity[field]}, the playbook to ${target[field]}`,
    }));
  if (errors.length === 0) return;
  const list = errors.map(({ message }) => message).join('; ');
  throw new RequestError('TARGET_MISMATCH', `nothing was run: ${list}`, { details: { errors } });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
