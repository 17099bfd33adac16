import type { EstateStore, MissingScope } from '../ports.ts';
import type { Scope } from '../report.ts';
import type { ServiceScanner } from '../service-scanner.ts';
import { goneIn, missingIn } from './storing.ts';

/** What a scope that was read completely says about what is not there. */
export interface Coverage {
  scope: Scope;
  scanner: ServiceScanner;
  /** Types that another scanner of the registry finds: this one may see a part of them only. */
  foreignTypes: ReadonlySet<string>;
  /** Where a global list was narrowed to: the regions of the scan; null where it was not. */
  regions: readonly string[] | null;
  /** Types of which something was found in no known region: it may be what is missing elsewhere. */
  typesWithoutRegion: ReadonlySet<string>;
}

/** The parts of the store in which everything that the scan did not see is gone. */
export function missingScopes(coverage: Coverage): MissingScope[] {
  const { scope, scanner, foreignTypes, regions, typesWithoutRegion } = coverage;
  const { account_id } = scope;
  const types = scanner.resourceTypes.filter(
    (type) => !foreignTypes.has(type) && !typesWithoutRegion.has(type),
  );
  if (scope.region !== 'global') {
    return types.map((resource_type) => ({ account_id, region: scope.region, resource_type }));
  }
  if (regions === null) return types.map((resource_type) => ({ account_id, resource_type }));
  const places = [...regions, 'global', 'unknown'];
  return types.flatMap((resource_type) =>
    places.map((region) => ({ account_id, region, resource_type })),
  );
}

/**
 * Has the store mark what is gone. Only for scopes that were read completely, and once everything found in them is stored.
 *
 * @returns the keys that were marked now; none where the store cannot mark
 * @throws ScanError `STORE_FAILED`
 */
export async function markMissing(
  store: EstateStore | undefined,
  scopes: readonly MissingScope[],
  scan: { scan_id: string; started_at: string; signal: AbortSignal },
): Promise<string[]> {
  const missing: string[] = [];
  for (const scope of scopes) missing.push(...(await missingIn(store, { ...scan, scope })));
  return missing;
}

/**
 * Has the store mark what a refresh asked for and AWS no longer has: it has seen exactly these keys, and says nothing of others.
 *
 * @returns the keys that were marked now; none where the store cannot mark
 * @throws ScanError `STORE_FAILED`
 */
export async function markGone(
  store: EstateStore | undefined,
  keys: readonly string[],
  scan: { scan_id: string; started_at: string; signal: AbortSignal },
): Promise<string[]> {
  return keys.length === 0 ? [] : goneIn(store, { ...scan, keys: [...keys] });
}
