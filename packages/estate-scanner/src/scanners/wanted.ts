import type { Json } from '../resource.ts';

/** Values that one filter of EC2 takes at most (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html). */
const FILTER_VALUES = 200;

/**
 * The parameters of the calls that list a type: one without a filter where all are wanted (`ids` null), one for each 200
 * ids where only some are, none at all for no ids. A filter, unlike a list of ids, is no error for ids that are gone.
 */
export function filterCalls(
  ids: readonly string[] | null,
  filter: string,
): { parameters?: Record<string, Json> }[] {
  if (ids === null) return [{}];
  const calls: { parameters: Record<string, Json> }[] = [];
  for (let from = 0; from < ids.length; from += FILTER_VALUES) {
    const values = ids.slice(from, from + FILTER_VALUES);
    calls.push({ parameters: { Filters: [{ Name: filter, Values: values }] } });
  }
  return calls;
}
