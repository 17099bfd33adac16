/** A point as the stand-in keeps it. */
export interface Point {
  id: string;
  payload: Record<string, unknown>;
  vector: Record<string, number[]>;
}

/** A filter as it arrives. */
export interface StandInFilter {
  must?: Condition[];
  should?: Condition[];
  must_not?: Condition[];
}

type Condition = StandInFilter & {
  key?: string;
  has_id?: string[];
  has_vector?: string;
  is_empty?: { key: string };
  match?: { value?: unknown; any?: unknown[]; text?: string; prefix?: string };
  range?: Partial<Record<'gt' | 'gte' | 'lt' | 'lte', number | string>>;
};

/** Filters as Qdrant documents them: an absent or empty clause holds, a list meets a condition if any element does. */
export function matches(filter: StandInFilter, point: Point): boolean {
  const holds = (condition: Condition) => holdsFor(condition, point);
  return (
    (filter.must ?? []).every(holds) &&
    ((filter.should ?? []).length === 0 || (filter.should ?? []).some(holds)) &&
    !(filter.must_not ?? []).some(holds)
  );
}

function holdsFor(condition: Condition, point: Point): boolean {
  if (condition.has_id !== undefined) return condition.has_id.includes(point.id);
  if (condition.has_vector !== undefined) return condition.has_vector in point.vector;
  if (condition.is_empty !== undefined) {
    const value = valueAt(point.payload, condition.is_empty.key);
    return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  }
  if (condition.key === undefined) return matches(condition, point);
  const value = valueAt(point.payload, condition.key);
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.some((one) => one !== undefined && one !== null && isMet(condition, one));
}

function isMet({ match, range }: Condition, value: unknown): boolean {
  if (range !== undefined) {
    const number = comparable(value);
    return (
      (range.gt === undefined || number > comparable(range.gt)) &&
      (range.gte === undefined || number >= comparable(range.gte)) &&
      (range.lt === undefined || number < comparable(range.lt)) &&
      (range.lte === undefined || number <= comparable(range.lte))
    );
  }
  if (match?.any !== undefined) return match.any.includes(value);
  if (match?.prefix !== undefined)
    return typeof value === 'string' && value.startsWith(match.prefix);
  if (match?.text !== undefined) {
    const words = typeof value === 'string' ? value.split(' ') : [];
    return match.text.split(' ').every((word) => words.includes(word));
  }
  return match?.value === value;
}

function comparable(value: unknown): number {
  return typeof value === 'number' ? value : Date.parse(String(value));
}

/** The value at a dotted path. */
export function valueAt(payload: Record<string, unknown>, path: string): unknown {
  let value: unknown = payload;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
