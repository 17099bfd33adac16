import type { EstateItem } from '../ports.ts';
import { seenFrom } from './shared.ts';

/**
 * Knows which accounts of one scan have seen a resource. Accounts that are scanned at once read a shared subnet at the same time, and
 * neither finds the other's sighting in the store.
 */
export class Sightings {
  readonly #accounts = new Map<string, Set<string>>();

  /** Items with everyone who has seen them so far. Called right before they are stored. */
  complete(items: readonly EstateItem[]): EstateItem[] {
    return items.map((item) => {
      const { key, visible_from } = item.record;
      const known = this.#accounts.get(key) ?? new Set<string>();
      this.#accounts.set(key, known);
      for (const account of visible_from) known.add(account);
      return known.size === visible_from.length
        ? item
        : { ...item, record: seenFrom(item.record, known) };
    });
  }
}
