import { z } from 'zod';
import type { DiscoveredRelation } from '../resource.ts';
import { tagMap } from './tag-list.ts';

/** A text that may be missing: null then. */
export const Text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** A boolean that may be missing: null (unknown), not false. */
export const Flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? null);

/** A number that may be missing. */
export const Count = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

/**
 * A set of texts: sorted, each once. AWS returns such lists in any order, and the order must not change a hash.
 */
export const Names = z
  .array(z.string().nullable())
  .nullish()
  .transform((values) => [...new Set((values ?? []).filter((value) => value !== null))].sort());

/** A list of tags as AWS writes them. */
export const TagList = z
  .array(z.record(z.string(), z.json()))
  .nullish()
  .transform((list) => tagMap(list ?? undefined));

/** A time as RFC 3339 in UTC; null where it is missing or unreadable. */
export const Time = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => {
    const time = new Date(value ?? Number.NaN);
    return Number.isNaN(time.getTime()) ? null : time.toISOString();
  });

/** Edges of one type to resources of one type, in the resource's own account and region. */
export function edges(
  type: string,
  resource_type: string,
  ids: readonly (string | null)[],
): DiscoveredRelation[] {
  return ids.flatMap((id) => (id === null || id === '' ? [] : [{ type, resource_type, id }]));
}

/** Edges of one type to things named by ARN, or by an id that is no resource of the estate. */
export function arnEdges(type: string, targets: readonly (string | null)[]): DiscoveredRelation[] {
  return targets.flatMap((target) => (target === null || target === '' ? [] : [{ type, target }]));
}
