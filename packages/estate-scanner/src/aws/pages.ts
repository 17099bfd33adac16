import type { Json } from '../resource.ts';
import type { AwsCall, AwsCli } from './cli.ts';

/** One list of AWS, read in parts. */
export interface ListCall extends AwsCall {
  /** JMESPath to the array of items in the output, projecting each to what is needed. */
  query: string;
  /** Items per page of the service; the CLI's default where absent. */
  pageSize?: number;
}

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
  do {
    const page: Json = await cli.call(
      {
        ...rest,
        query: `{items: ${query}, next: NextToken}`,
        args: [
          ...args,
          ...(pageSize === undefined ? [] : ['--page-size', String(pageSize)]),
          '--max-items',
          String(itemsPerCall),
          ...(token === null ? [] : ['--starting-token', token]),
        ],
      },
      signal,
    );
    const { items, next } = isObject(page) ? page : { items: [], next: null };
    if (Array.isArray(items)) yield* items.filter(isObject);
    token = typeof next === 'string' && next !== token ? next : null;
  } while (token !== null);
}

/** Whether a JSON value is an object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
