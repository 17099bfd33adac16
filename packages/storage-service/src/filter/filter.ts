import { z } from 'zod';

const field = z.string().describe('one of the indexed fields, such as region or tags.env');
const Equals = z.strictObject({ field, value: z.string() });
const OneOf = z.strictObject({ field, values: z.array(z.string()).max(100_000) });
const Exists = z.strictObject({ field });

/** The shape of each condition, by its operator. */
export const conditionShapes = {
  eq: Equals,
  in: OneOf,
  exists: Exists,
  gt: Equals,
  gte: Equals,
  lt: Equals,
  lte: Equals,
  prefix: Equals,
} as const;

/** A condition on one field. */
export type Condition =
  | { eq: z.infer<typeof Equals> }
  | { in: z.infer<typeof OneOf> }
  | { exists: z.infer<typeof Exists> }
  | { gt: z.infer<typeof Equals> }
  | { gte: z.infer<typeof Equals> }
  | { lt: z.infer<typeof Equals> }
  | { lte: z.infer<typeof Equals> }
  | { prefix: z.infer<typeof Equals> };

/**
 * Which resources are meant: a tree of conditions.
 *
 * A field that is missing or null meets no condition, so `not` of one does hold for it; an array meets a condition
 * when any of its elements does. `exists` is false for a missing field, null and []. `all: []` holds, `any: []` does not.
 * `prefix` needs a text field, `gt`, `gte`, `lt` and `lte` a time (RFC 3339).
 */
export type Filter = { all: Filter[] } | { any: Filter[] } | { not: Filter } | Condition;

/** The schema of a filter, for publishing; `parseFilter` gives better messages. */
export const Filter: z.ZodType<Filter> = z.lazy(() =>
  z.union([
    z.strictObject({ all: z.array(Filter) }),
    z.strictObject({ any: z.array(Filter) }),
    z.strictObject({ not: Filter }),
    z.strictObject({ eq: Equals }),
    z.strictObject({ in: OneOf }),
    z.strictObject({ exists: Exists }),
    z.strictObject({ gt: Equals }),
    z.strictObject({ gte: Equals }),
    z.strictObject({ lt: Equals }),
    z.strictObject({ lte: Equals }),
    z.strictObject({ prefix: Equals }),
  ]),
);
