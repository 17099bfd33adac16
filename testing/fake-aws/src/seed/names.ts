import type { ServiceProfile } from './company.ts';
import type { Network } from './network.ts';

/** Which product something belongs to, where it stands, and the how-many-eth of its kind it is there (from 1). */
export interface Naming {
  service: ServiceProfile;
  network: Network;
  ordinal: number;
}

/** Goes round products and networks, product by product, so that every name is made once. */
export function nameSequence(
  services: readonly [ServiceProfile, ...ServiceProfile[]],
  networks: readonly [Network, ...Network[]],
): { next(): Naming } {
  let step = 0;
  const seen = new Map<string, number>();
  return {
    next() {
      const network = networks[Math.floor(step / services.length) % networks.length] ?? networks[0];
      const service = services[step % services.length] ?? services[0];
      step += 1;
      // Two networks of one environment share a name space.
      const name = `${service.name}/${network.environment}`;
      const ordinal = (seen.get(name) ?? 0) + 1;
      seen.set(name, ordinal);
      return { service, network, ordinal };
    },
  };
}
