import { accountAliases } from '../aws/aliases.ts';
import { AwsCallError } from '../aws/errors.ts';
import { ScanError } from '../errors.ts';
import type { ScanLedger } from './ledger.ts';
import type { AccountPlan } from './plan.ts';

/**
 * The aliases of a planned account. Null where they are not known: nobody asks for a refresh, and what IAM refuses costs a warning.
 *
 * @throws ScanError `ABORTED`, `CLI_NOT_FOUND`, `ENGINE_FAILED`
 */
export async function aliasesOf(
  {
    session,
    identity,
    home,
    aliases,
  }: Pick<AccountPlan, 'session' | 'identity' | 'home' | 'aliases'>,
  ledger: ScanLedger,
): Promise<string[] | null> {
  if (aliases !== 'ask') return aliases;
  try {
    return await accountAliases(session.cli, home);
  } catch (error) {
    // Why an account ended is in the report already.
    const isAborted = ScanError.is(error) && error.code === 'ABORTED';
    if (session.ended !== null && (isAborted || AwsCallError.is(error))) return null;
    if (!AwsCallError.is(error)) throw error;
    const { code, kind, call, scp } = error;
    ledger.error({
      level: 'warning',
      account_id: identity.account_id,
      region: null,
      service: null,
      code,
      kind,
      message: `the aliases of the account are unknown (${call}: ${error.message})`,
      ...(scp && { scp }),
    });
    return null;
  }
}
