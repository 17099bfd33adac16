import { describeAccount, expectedAccountId } from '../account.ts';
import { throwIfAborted } from '../aws/abort.ts';
import { AwsCallError } from '../aws/errors.ts';
import type { Identity } from '../aws/identity.ts';
import { homeRegion, partitionOfRegion } from '../aws/partitions.ts';
import { literalRegions, regionFilter } from '../aws/region-filter.ts';
import { planRegions } from '../aws/regions.ts';
import type { ScanJob } from '../jobs/job.ts';
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
  /** The regions that a global list was narrowed to; null where it was not. */
  narrowedTo: readonly string[] | null;
  /** The aliases of the account; null where nobody needs them. */
  aliases: 'ask' | string[] | null;
}

/** What is to be scanned, whole services or single resources. */
export type ScanTarget =
  | ServicesTarget
  | { wanted: WantedKeys }
  /** One scope of a scan that was planned before, perhaps on another machine. */
  | { job: ScanJob; wanted: null };

interface ServicesTarget {
  selection: ScanSelection;
  scanners: readonly ServiceScanner[];
  wanted: null;
}

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
  const { account } = session;
  const expected = expectedAccountId(account);
  let identity: Identity | null = null;
  const refuse = (code: string, kind: string, message: string): null => {
    const account_id = identity?.account_id ?? expected ?? null;
    const where = { account_id, region: null, service: null };
    ledger.error({ level: 'error', ...where, code, kind, message });
    ledger.account(account, withoutPartition(identity), true);
    return null;
  };
  try {
    identity = await session.identify();
    const { account_id } = identity;
    const whose = describeAccount(account);
    if (expected !== undefined && expected !== account_id) {
      const message = `${whose} to account ${account_id}, not to ${expected}: nothing was scanned.`;
      return refuse('ACCOUNT_MISMATCH', 'account', message);
    }
    if (claimed.has(account_id)) {
      const message = `${whose} to account ${account_id}, which other credentials of this scan cover already.`;
      return refuse('ACCOUNT_MISMATCH', 'account', message);
    }
    claimed.add(account_id);
    if ('job' in target) return planJob(session, identity, target.job);
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
  target: ServicesTarget,
  ledger: ScanLedger,
): Promise<AccountPlan> {
  const { regions: patterns = [], fallbackRegions: fallback = [] } = target.selection;
  const { account_id } = identity;
  const regional = target.scanners.filter(({ scope }) => scope === 'regional');
  // Without a regional service only the way in matters, and that costs no list.
  const literal = literalRegions(patterns);
  const plan =
    regional.length > 0
      ? await planRegions(session.cli, { patterns, fallback })
      : { regions: literal ?? [], home: literal?.[0], refused: [] };
  for (const error of plan.refused) reportRefused(error, account_id, plan.regions, ledger);
  const isOwn = (region: string): boolean => partitionOfRegion(region) === identity.partition;
  const regions = plan.regions.filter(isOwn);
  const refuse = (region: string | null, code: string, message: string): void => {
    const where = { account_id, region, service: null };
    ledger.error({ level: 'error', ...where, code, kind: 'account', message });
  };
  for (const region of plan.regions.filter((name) => !isOwn(name))) {
    const message = `${region} is in ${partitionOfRegion(region)}, these credentials are good in ${identity.partition}.`;
    refuse(region, 'OTHER_PARTITION', message);
  }
  if (plan.regions.length === 0 && regional.length > 0) {
    const message = `No enabled region is one of ${patterns.join(', ')}, and no other is known.`;
    refuse(null, 'NO_REGION', message);
  }
  const global = target.scanners.filter(({ scope }) => scope === 'global');
  return {
    session,
    identity,
    home: plan.home !== undefined && !isOwn(plan.home) ? homeRegion(identity.partition) : plan.home,
    includesRegion: regionFilter(patterns),
    narrowedTo: patterns.length === 0 ? null : regions,
    aliases: 'ask',
    scopes: [
      ...global.map(({ service }) => ({ account_id, region: 'global', service })),
      ...regions.flatMap((region) =>
        regional.map(({ service }) => ({ account_id, region, service })),
      ),
    ],
  };
}

/** Who may not list regions has chosen them by configuration; an AWS that does not answer has not. */
function reportRefused(
  error: AwsCallError,
  account_id: string,
  regions: readonly string[],
  ledger: ScanLedger,
): void {
  const { code, kind, call, message } = error;
  const isRefusal = AwsCallError.is(error, 'denied', 'other', 'not_found', 'cli');
  const level = regions.length > 0 && isRefusal ? 'warning' : 'error';
  const where = { account_id, region: null, service: null };
  ledger.error({ level, ...where, code, kind, message: `${call}: ${message}` });
}

function planJob(session: AccountSession, identity: Identity, job: ScanJob): AccountPlan {
  return {
    session,
    identity,
    home: job.home ?? undefined,
    scopes: [job.scope],
    includesRegion: regionFilter(job.regions),
    narrowedTo: job.narrowed_to,
    aliases: job.account_aliases,
  };
}

function planKeys(session: AccountSession, identity: Identity, wanted: WantedKeys): AccountPlan {
  const scopes = wanted.scopes(identity.account_id);
  const home = scopes.find(({ region }) => region !== 'global')?.region;
  const everywhere = { includesRegion: () => true, narrowedTo: null };
  return { session, identity, home, scopes, ...everywhere, aliases: null };
}

/** The public part of an identity. */
export function withoutPartition(identity: Identity | null) {
  if (identity === null) return null;
  const { partition: _partition, ...context } = identity;
  return context;
}
