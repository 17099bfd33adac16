import { z } from 'zod';

/** Any JSON value. */
export const Json: z.ZodType<Json> = z.json();
/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** JSON with the keys of every object sorted, so that equal bodies give equal text. Null and absent fields are the same. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(
      Object.entries(inner)
        .filter(([, field]) => field !== null && field !== undefined)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  });
}
