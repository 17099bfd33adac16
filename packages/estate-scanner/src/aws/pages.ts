import type { Json } from '../resource.ts';
import type { AwsCall, AwsCli } from './cli.ts';
import { answered, proveEmpty } from './empty-lists.ts';

/** One list of AWS, read in parts. */
export interface ListCall extends AwsCall {
  /** JMESPath to the array of items in the output, projecting each to what is needed. */
  query: string;
  /** Items per page of the service; the CLI's default where absent. */
  pageSize?: number;
}

/** Items of a page where a list names no size: most services have 50 to 100 by themselves. */
const SERVICE_PAGE = 100;

/** An item of a list. */
export type JsonObject = { [key: string]: Json };

/**
 * Yields the items of a list. One call reads up to `itemsPerCall` items over as many pages as that takes, and the
 * next goes on from its token: the CLI prints only after its last page, so without such stops a failure on
 * page 3 would lose pages 1 and 2.
 *
 * @throws AwsCallError when a call fails; what was yielded before stays valid
 */
export async function* listItems(
  cli: Pick<AwsCli, 'call'>,
  call: ListCall,
  itemsPerCall: number,
  signal: AbortSignal,
): AsyncGenerator<JsonObject> {
  const { pageSize, query, args = [], ...rest } = call;
  let token: string | null = null;
  let isEmpty = true;
  // An empty list is still a list: what is missing altogether is projected to null.
  let isNamed = false;
  do {
    const page: Json = await cli.call(
      {
        ...rest,
        portion: { most: itemsPerCall, least: pageSize ?? SERVICE_PAGE },
        query: `{items: ${query}, next: NextToken}`,
        args: [
          ...args,
          ...(pageSize === undefined ? [] : ['--page-size', String(pageSize)]),
          ...(token === null ? [] : ['--starting-token', token]),
        ],
      },
      signal,
    );
    const { items, next } = isObject(page) ? page : { items: [], next: null };
    isNamed ||= Array.isArray(items);
    if (Array.isArray(items) && items.length > 0) {
      if (isEmpty) answered(cli, call);
      isEmpty = false;
      yield* items.filter(isObject);
    }
    token = typeof next === 'string' && next !== token ? next : null;
  } while (token !== null);
  if (isEmpty && !isNamed) await proveEmpty(cli, call, signal);
}

/** Whether a JSON value is an object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
