import { computing } from './kinds-computing.ts';
import { databases } from './kinds-databases.ts';
import { networks } from './kinds-networks.ts';
import type { Kind } from './kind.ts';
import { services } from './kinds-services.ts';

/** By the words that inventories and selectors say. */
export const kinds: Readonly<Record<string, Kind>> = {
  ...computing,
  ...networks,
  ...databases,
  ...services,
};
