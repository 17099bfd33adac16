import type { EstateStore } from '../ports.ts';
import type { ScanLedger } from './ledger.ts';
import type { AccountPlan } from './plan.ts';
import { storedAt } from './storing.ts';
import type { WantedKeys } from './wanted-keys.ts';

/**
 * Has resources of accounts that were not reached looked for by an account that they are shared with: one that has seen them before, or
 * the only one there is. What nobody can look for is in the report.
 *
 * @returns the plans, with the scopes that this takes
 * @throws ScanError `STORE_FAILED`
 */
export async function lookAsGuests(
  wanted: WantedKeys,
  plans: readonly AccountPlan[],
  store: EstateStore | undefined,
  ledger: ScanLedger,
): Promise<AccountPlan[]> {
  const refuse = (account_id: string, code: string, message: string): void => {
    const where = { account_id, region: null, service: null };
    ledger.error({ level: 'error', ...where, code, kind: 'account', message });
  };
  const reached = new Set(plans.map(({ identity }) => identity.account_id));
  const foreign = wanted.unreached(reached);
  const keys = foreign.map(({ key }) => key);
  const stored = store && keys.length > 0 ? await storedAt(store, keys) : [];
  const [only, ...others] = reached;
  const left = new Set<string>();
  for (const [index, { key, account_id }] of foreign.entries()) {
    const seenBy = stored[index]?.visible_from?.find((account) => reached.has(account));
    const viewer = seenBy ?? (others.length === 0 ? only : undefined);
    if (viewer !== undefined) wanted.lookFrom(viewer, key);
    else left.add(account_id);
  }
  for (const account_id of left) {
    refuse(
      account_id,
      'ACCOUNT_MISMATCH',
      `None of the credentials belong to account ${account_id}: its resources were not refreshed.`,
    );
  }
  for (const { key, account_id, resource_type } of wanted.unknown) {
    refuse(account_id, 'UNKNOWN_SERVICE', `No service scanner yields ${resource_type}: ${key}`);
  }
  return plans.map((plan) => {
    const scopes = wanted.scopes(plan.identity.account_id);
    const home = scopes.find(({ region }) => region !== 'global')?.region;
    return { ...plan, scopes, home };
  });
}
