import type { DiscoveredResource } from '../../src/resource.ts';
import { defineServiceScanner, type ServiceScanner } from '../../src/service-scanner.ts';

/** What a scope of a {@link listedScanner} is asked for, and how it may fail. */
export interface Listing {
  account_id: string;
  region: string;
}

/**
 * A scanner whose resources a test makes up, for what the fake AWS cannot have: shared networks, ten thousand things, a list that breaks.
 */
export function listedScanner(
  service: string,
  type: string,
  list: (at: Listing) => AsyncIterable<DiscoveredResource> | Iterable<DiscoveredResource>,
  scope: 'regional' | 'global' = 'regional',
): ServiceScanner {
  return defineServiceScanner({
    service,
    scope,
    resourceTypes: [type],
    words: { [type]: 'made up thing' },
    async *scan({ account_id, region }) {
      yield* list({ account_id, region });
    },
  });
}
