import type { ListCall, JsonObject } from './aws/pages.ts';
import type { AwsCall } from './aws/cli.ts';
import { ScanError } from './errors.ts';
import type { DiscoveredResource, Json } from './resource.ts';

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
    options?: Pick<AwsCall, 'query' | 'region' | 'args'>,
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

/** Finds the resources of one service. */
export interface ServiceScanner {
  /** Its name in `scan({ services })` and in the report. */
  readonly service: string;
  /** Everything that `scan` may yield: `service:type`. */
  readonly resourceTypes: readonly string[];
  /** `regional`: once per region; `global`: once per account. */
  readonly scope: 'regional' | 'global';
  /** IAM actions that `scan` needs. */
  readonly requiredPermissions: readonly string[];
  /** What to ask IAM, by resource type. */
  readonly actions: Readonly<Record<string, TypeActions>>;
  /** What each type is, in words of meaning: "virtual machine server". Part of the text that is searched. */
  readonly words: Readonly<Record<string, string>>;
  scan(context: ScanContext): AsyncIterable<DiscoveredResource>;
}

/** A {@link ServiceScanner} as it is written: `scope` is `regional`, everything that may be empty may be left out. */
export type ServiceScannerDefinition = Pick<ServiceScanner, 'service' | 'resourceTypes' | 'scan'> &
  Partial<ServiceScanner>;

/**
 * Makes a service scanner of its definition.
 *
 * @throws ScanError `INVALID_SCANNER` with what is wrong
 */
export function defineServiceScanner(definition: ServiceScannerDefinition): ServiceScanner {
  const { service, resourceTypes, scope = 'regional', actions = {}, words = {} } = definition;
  const invalid = (message: string): ScanError =>
    new ScanError('INVALID_SCANNER', `service scanner "${service}": ${message}`);
  if (typeof service !== 'string' || !/^[a-z][a-z0-9-]*$/u.test(service)) {
    throw invalid('service must be lower case letters, digits and dashes');
  }
  if (!Array.isArray(resourceTypes) || resourceTypes.length === 0) {
    throw invalid('resourceTypes must name at least one type');
  }
  for (const type of resourceTypes) {
    if (!/^[a-z0-9-]+:[a-z0-9-]+$/u.test(String(type))) {
      throw invalid(`"${String(type)}" must read service:type, for example sqs:queue`);
    }
  }
  if (typeof definition.scan !== 'function') throw invalid('scan must be a function');
  for (const type of [...Object.keys(actions), ...Object.keys(words)]) {
    if (!resourceTypes.includes(type)) throw invalid(`"${type}" is not one of its resourceTypes`);
  }
  return Object.freeze({
    service,
    resourceTypes: Object.freeze([...resourceTypes]),
    scope,
    requiredPermissions: Object.freeze([...(definition.requiredPermissions ?? [])]),
    actions,
    words,
    scan: (context: ScanContext) => definition.scan(context),
  });
}
