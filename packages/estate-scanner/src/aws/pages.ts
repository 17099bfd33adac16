import type { Json } from '../resource.ts';
import type { AwsCall, AwsCli } from './cli.ts';
import { canBeList } from './always-named.ts';
import { AwsCallError } from './errors.ts';

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
  const tokens = new Set<string>();
  do {
    const page: Json = await cli.call(
      {
        ...rest,
        portion: { most: itemsPerCall, least: pageSize ?? SERVICE_PAGE },
        query: `{items: ${query}, next: NextToken}`,
        // On every page: one that something else has answered would end the list early.
        isAnswer: (output) => canBeList(call.service, isObject(output) ? output['items'] : null),
        args: [
          ...args,
          ...(pageSize === undefined ? [] : ['--page-size', String(pageSize)]),
          ...(token === null ? [] : ['--starting-token', token]),
        ],
      },
      signal,
    );
    const { items, next } = isObject(page) ? page : { items: [], next: null };
    if (Array.isArray(items)) yield* items.filter(isObject);
    token = typeof next === 'string' ? next : null;
    if (token !== null && tokens.has(token)) throw goesRound(call);
    if (token !== null) tokens.add(token);
  } while (token !== null);
}

/** A list that comes back to where it was has no end, and what is behind it is not known. */
function goesRound({ service, operation }: ListCall): AwsCallError {
  const message = 'the list gives a token again that it has given before';
  const failure = { kind: 'output', code: 'TokenRepeated', message, scp: false } as const;
  return new AwsCallError(`${service} ${operation}`, failure);
}

/** Whether a JSON value is an object. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
