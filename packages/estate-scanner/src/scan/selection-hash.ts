import { type Account, referenceOf } from '../account.ts';
import { canonicalJson, sha256 } from '../content-hash.ts';
import type { ScanSelection } from '../options.ts';
import type { ServiceScanner } from '../service-scanner.ts';

/** What a scan goes through as a SHA-256 (hex), without credentials: only a scan of the same goes on from a checkpoint. */
export function selectionHash(
  selection: ScanSelection,
  accounts: readonly Account[],
  scanners: readonly ServiceScanner[],
): string {
  const { regions = [], fallbackRegions = [], organization } = selection;
  const { credentials: _secret, ...members } = organization ?? {};
  return sha256(
    canonicalJson({
      accounts: accounts.map((account) => referenceOf(account)),
      organization: organization ? members : null,
      regions,
      fallbackRegions,
      services: scanners.map(({ service }) => service).sort(),
    }),
  );
}
