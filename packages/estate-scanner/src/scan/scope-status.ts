import { AwsCallError, type AwsErrorKind } from '../aws/errors.ts';
import { ScanError } from '../errors.ts';
import type { ReportedError, Scope, ScopeStatus } from '../report.ts';
import type { ServiceScanner } from '../service-scanner.ts';
import type { KeyParts } from './wanted-keys.ts';

/** How a scope ended, by why it did and what had been found. */
export function statusOf(
  scope: Scope,
  reason: { code: string } | null,
  found: { resources: number; faults: number; ended: boolean },
): ScopeStatus {
  if (reason === null) return found.faults > 0 ? 'partial' : 'complete';
  if (found.resources > 0) return 'partial';
  if (found.ended || !AwsCallError.is(reason)) return 'failed';
  const byKind: Partial<Record<AwsErrorKind, ScopeStatus>> = {
    denied: 'denied',
    not_enabled: 'skipped',
    connection: 'unavailable',
    // STS works, so it is this region that does not know the account: it is not enabled.
    ...(scope.region !== 'global' && { credentials: 'skipped' }),
  };
  return byKind[reason.kind] ?? 'failed';
}

/** What a report says of an error. */
export function describeError(
  error: unknown,
): Pick<ReportedError, 'code' | 'kind' | 'message' | 'scp'> {
  if (AwsCallError.is(error)) {
    const { code, kind, call, message, scp } = error;
    return { code, kind, message: `${call}: ${message}`, ...(scp && { scp }) };
  }
  const code = ScanError.is(error) ? error.code : 'INVALID_SCANNER';
  return { code, kind: 'scanner', message: error instanceof Error ? error.message : String(error) };
}

/** A scanner that throws something of its own is a fault of that scanner, and of its scope alone. */
export function asFailure(error: unknown, scanner: ServiceScanner): AwsCallError | ScanError {
  if (AwsCallError.is(error) || ScanError.is(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new ScanError(
    'INVALID_SCANNER',
    `service scanner "${scanner.service}" failed: ${message}`,
    {
      cause: error,
    },
  );
}

/** What a scanner yielded is not even an object. */
export function notAResource(value: unknown, { service }: ServiceScanner): ScanError {
  const message = `service scanner "${service}" yielded ${String(value)}, which is no resource`;
  return new ScanError('INVALID_SCANNER', message);
}

/** Why a scope in which another account's resources were looked for in vain is not complete. */
export const NOT_SHARED = { code: 'ACCOUNT_MISMATCH' };

/** Says that a resource of another account is no longer there, or no longer shared: nobody here can tell which. */
export function notVisible({ key, account_id }: KeyParts, scope: Scope): ReportedError {
  return {
    ...scope,
    account_id,
    level: 'error',
    code: 'ACCOUNT_MISMATCH',
    kind: 'account',
    message: `${key} is not shared with account ${scope.account_id}, and none of the credentials belong to account ${account_id}.`,
  };
}
