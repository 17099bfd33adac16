import type { Account, Organization } from '../account.ts';
import { AwsCallError } from '../aws/errors.ts';
import { listOrganization } from '../aws/organization.ts';
import { homeRegion } from '../aws/partitions.ts';
import type { AccountSession } from './account.ts';
import type { ScanLedger } from './ledger.ts';
import { withoutPartition } from './plan.ts';

/**
 * The accounts of an organization as accounts to scan: its active ones, each through the role; the caller's own with the caller's own
 * credentials. Where they cannot be listed, the report says why, and there are none.
 *
 * @param session with the credentials that may list them
 */
export async function organizationAccounts(
  organization: Organization,
  session: AccountSession,
  itemsPerCall: number,
  ledger: ScanLedger,
): Promise<Account[]> {
  const { role_name, include, exclude = [], profile, credentials, ...role } = organization;
  const own = { profile, credentials };
  let context = null;
  try {
    const identity = await session.identify();
    context = withoutPartition(identity);
    const home = homeRegion(identity.partition);
    const members = await listOrganization(session.cli, home, itemsPerCall, session.signal);
    const wanted = members.filter(
      ({ account_id }) =>
        (include === undefined || include.includes(account_id)) && !exclude.includes(account_id),
    );
    const listed = new Set(members.map(({ account_id }) => account_id));
    for (const account_id of (include ?? []).filter((id) => !listed.has(id))) {
      report(ledger, 'error', account_id, 'ACCOUNT_MISMATCH', 'is not in the organization');
    }
    for (const { account_id, isActive } of wanted) {
      if (isActive) continue;
      report(ledger, 'warning', account_id, 'ACCOUNT_SUSPENDED', 'is not active: it is left out');
    }
    const accountOf = (account_id: string): Account => {
      if (account_id === identity.account_id) return { ...own, account_id };
      const role_arn = `arn:${identity.partition}:iam::${account_id}:role/${role_name}`;
      return { ...own, ...role, account_id, role_arn };
    };
    return wanted.flatMap(({ account_id, isActive }) => (isActive ? accountOf(account_id) : []));
  } catch (error) {
    if (!AwsCallError.is(error)) throw error;
    const where = { account_id: context?.account_id ?? null, region: null, service: null };
    const { code, kind, call, message } = error;
    ledger.error({ level: 'error', ...where, code, kind, message: `${call}: ${message}` });
    ledger.account(own, context, true);
    return [];
  }
}

function report(
  ledger: ScanLedger,
  level: 'error' | 'warning',
  account_id: string,
  code: string,
  what: string,
): void {
  const where = { account_id, region: null, service: null };
  ledger.error({
    level,
    ...where,
    code,
    kind: 'account',
    message: `Account ${account_id} ${what}.`,
  });
}
