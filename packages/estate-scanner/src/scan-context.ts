import type { AwsCall } from './aws/cli.ts';
import type { JsonObject, ListCall } from './aws/pages.ts';
import type { Json } from './resource.ts';

/**
 * What to ask IAM about the resources of one type, by the ARN that each action is decided on. Actions without resource-level
 * permission are asked on `*` by themselves.
 */
export interface TypeActions {
  /** Asked on the resource's own ARN. */
  onResource?: readonly string[];
  /** Asked on `ARN/*`: the objects in a bucket. */
  onContents?: readonly string[];
}

/** Where to look and what to look with: one account, one region, one service. */
export interface ScanContext {
  readonly account_id: string;
  /** The region of the scope, `global` in a global one. */
  readonly region: string;
  /** `aws`, `aws-cn`, `aws-us-gov`: the second part of every ARN. */
  readonly partition: string;
  /** The same object in all scopes of one account and scan: what {@link OncePerSession} goes by. */
  readonly session: object;
  readonly signal: AbortSignal;

  /**
   * Runs one AWS CLI call, pages put together by the CLI, throttling and server errors retried.
   *
   * @param parameters by the API's own names (`{ QueueUrl: '…' }`)
   * @returns the parsed output, null where there is none
   * @throws AwsCallError
   */
  aws(
    service: string,
    operation: string,
    parameters?: Record<string, Json>,
    options?: Pick<AwsCall, 'query' | 'region' | 'args' | 'isAnswer'>,
  ): Promise<Json>;

  /**
   * Reads a list in parts; each item is an object that `query` (JMESPath) projects. Prefer it to
   * {@link aws} for anything that may be long: a failure on the way keeps what came before.
   */
  list(
    service: string,
    operation: string,
    options: Omit<ListCall, 'service' | 'operation'>,
  ): AsyncIterable<JsonObject>;

  /**
   * Passes items on. When an AWS call of their source fails, the failure goes into the report, the scope is no longer
   * complete, and the scan goes on behind it: for one of several lists. What holds for the other lists as well (an
   * endpoint that is not there, a region that is not enabled, credentials that ended) is thrown all the same.
   */
  tolerate<Item>(items: AsyncIterable<Item>): AsyncIterable<Item>;

  /** Yields what several lists yield, all of them read at once. Each is best passed through {@link tolerate}. */
  merge<Item>(lists: readonly AsyncIterable<Item>[]): AsyncIterable<Item>;

  /** Runs `work` for each item, many at once (`concurrency.resources`), in no particular order. */
  mapResources<Item, Result>(
    items: AsyncIterable<Item> | Iterable<Item>,
    work: (item: Item) => Promise<Result>,
  ): AsyncIterable<Result>;

  /**
   * The ids to look for where only some resources are wanted (`scanner.refresh`): null means all. A scanner may leave it
   * out; what was not wanted is dropped anyway.
   */
  wanted(resourceType: string): readonly string[] | null;

  /** Whether a region takes part in this scan; for global lists of regional things. */
  includesRegion(region: string): boolean;

  /**
   * Puts a failed AWS call into the report as something that could not be seen about a resource; its scope stays complete.
   * Anything else, and what ends the whole account, is thrown again.
   */
  warn(error: unknown, message: string): void;
}
