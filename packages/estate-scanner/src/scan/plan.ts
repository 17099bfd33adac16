import { throwIfAborted } from '../aws/abort.ts';
import { AwsCallError } from '../aws/errors.ts';
import type { Identity } from '../aws/identity.ts';
import { literalRegions, regionFilter } from '../aws/region-filter.ts';
import { planRegions } from '../aws/regions.ts';
import type { ScanSelection } from '../options.ts';
import type { Scope } from '../report.ts';
import type { ServiceScanner } from '../service-scanner.ts';
import type { AccountSession } from './account.ts';
import type { ScanLedger } from './ledger.ts';
import type { WantedKeys } from './wanted-keys.ts';

/** An account that can be scanned: who, where, what. */
export interface AccountPlan {
  session: AccountSession;
  identity: Identity;
  home: string | undefined;
  scopes: Scope[];
  includesRegion: (region: string) => boolean;
}

/** What is to be scanned, whole services or single resources. */
export type ScanTarget =
  | { selection: ScanSelection; scanners: readonly ServiceScanner[]; wanted: null }
  | { wanted: WantedKeys };

/**
 * Asks who the caller is and which regions there are. An account that cannot be scanned is in the report, with what to fix.
 *
 * @param claimed accounts of other credentials in the same scan; the account is added
 * @returns null for an account that is left out
 */
export async function planAccount(
  session: AccountSession,
  target: ScanTarget,
  claimed: Set<string>,
  ledger: ScanLedger,
): Promise<AccountPlan | null> {
  const { profile, account_id: expected } = session.account;
  let identity: Identity | null = null;
  const refuse = (code: string, kind: string, message: string): null => {
    const account_id = identity?.account_id ?? expected ?? null;
    const where = { account_id, region: null, service: null };
    ledger.error({ level: 'error', ...where, code, kind, message });
    ledger.account(profile, withoutPartition(identity), true);
    return null;
  };
  try {
    identity = await session.identify();
    const { account_id } = identity;
    const whose =
      profile === undefined ? 'The default credentials belong' : `Profile "${profile}" belongs`;
    if (expected !== undefined && expected !== account_id) {
      const message = `${whose} to account ${account_id}, not to ${expected}: nothing was scanned.`;
      return refuse('ACCOUNT_MISMATCH', 'account', message);
    }
    if (claimed.has(account_id)) {
      const message = `${whose} to account ${account_id}, which other credentials of this scan cover already.`;
      return refuse('ACCOUNT_MISMATCH', 'account', message);
    }
    claimed.add(account_id);
    return target.wanted === null
      ? await planServices(session, identity, target, ledger)
      : planKeys(session, identity, target.wanted);
  } catch (error) {
    if (!AwsCallError.is(error)) throw error;
    throwIfAborted(session.signal);
    return refuse(error.code, error.kind, `${error.call}: ${error.message}`);
  }
}

async function planServices(
  session: AccountSession,
  identity: Identity,
  target: Extract<ScanTarget, { wanted: null }>,
  ledger: ScanLedger,
): Promise<AccountPlan> {
  const { regions: patterns = [], fallbackRegions: fallback = [] } = target.selection;
  const { account_id } = identity;
  const regional = target.scanners.filter(({ scope }) => scope === 'regional');
  // Without a regional service only the way in matters, and that costs no list.
  const plan =
    regional.length > 0
      ? await planRegions(session.cli, { patterns, fallback })
      : { regions: [], home: literalRegions(patterns)?.[0], refused: [] };
  for (const error of plan.refused) {
    const { code, kind, call, message } = error;
    const where = { account_id, region: null, service: null };
    const level = plan.regions.length > 0 ? 'warning' : 'error';
    ledger.error({ level, ...where, code, kind, message: `${call}: ${message}` });
  }
  const global = target.scanners.filter(({ scope }) => scope === 'global');
  return {
    session,
    identity,
    home: plan.home,
    includesRegion: regionFilter(patterns),
    scopes: [
      ...global.map(({ service }) => ({ account_id, region: 'global', service })),
      ...plan.regions.flatMap((region) =>
        regional.map(({ service }) => ({ account_id, region, service })),
      ),
    ],
  };
}

function planKeys(session: AccountSession, identity: Identity, wanted: WantedKeys): AccountPlan {
  const scopes = wanted.scopes(identity.account_id);
  const home = scopes.find(({ region }) => region !== 'global')?.region;
  return { session, identity, home, scopes, includesRegion: () => true };
}

/** The public part of an identity. */
export function withoutPartition(identity: Identity | null) {
  if (identity === null) return null;
  const { partition: _partition, ...context } = identity;
  return context;
}
