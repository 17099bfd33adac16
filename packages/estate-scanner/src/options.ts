import { z } from 'zod';
import { type Account, AccountSchema, type Organization, OrganizationSchema } from './account.ts';
import type { RetryPolicy } from './aws/retry.ts';
import type { CheckpointStore } from './checkpoint/checkpoint.ts';
import { ScanError } from './errors.ts';
import type { ScanEventHandler } from './events.ts';
import type { IamOptions } from './iam/options.ts';
import type { CommandRunner, Embedder, EstateStore } from './ports.ts';
import type { ServiceScannerRegistry } from './registry.ts';

const Pattern = z
  .string()
  .regex(/^!?[a-z0-9*?-]+$/u, 'a region reads like eu-west-1, eu-* or !us-*');

const scanSelection = {
  accounts: z.array(AccountSchema).min(1).optional(),
  organization: OrganizationSchema.optional(),
  regions: z.array(Pattern).min(1).optional(),
  services: z.array(z.string().min(1)).min(1).optional(),
  fallbackRegions: z.array(Pattern).optional(),
};
const ScanSelection = z.strictObject(scanSelection);

/** What a scan goes through. */
export interface ScanSelection {
  /** Default: the accounts of `organization`, or else the default credentials. */
  accounts?: Account[] | undefined;
  /** The accounts of an organization besides. Default: none. */
  organization?: Organization | undefined;
  /** Names, globs (`eu-*`) and exclusions (`!us-east-2`). Default: all enabled regions. */
  regions?: string[] | undefined;
  /** Names of service scanners. Default: all in the registry. */
  services?: string[] | undefined;
  /** Taken where AWS refuses to list regions. Default: none, then the region of the AWS configuration. */
  fallbackRegions?: string[] | undefined;
}

/** Options of one scan. */
export interface ScanOptions extends ScanSelection {
  /** Accounts at once. Default: `concurrency.accounts` of the scanner. */
  accountConcurrency?: number | undefined;
  /**
   * The name under which this scan notes what it has finished, in the `checkpoints` of the scanner. A scan of the same name and
   * selection that was interrupted, or whose credentials ended, goes on from there.
   */
  checkpoint?: string | undefined;
  signal?: AbortSignal | undefined;
  onEvent?: ScanEventHandler | undefined;
}

/** Options of one refresh. */
export type RefreshOptions = Pick<
  ScanOptions,
  'accounts' | 'organization' | 'accountConcurrency' | 'signal' | 'onEvent'
>;

/** Options of `scanner.watch`: those of each scan, and when it is made. */
export interface WatchOptions extends ScanOptions {
  /** From the beginning of one scan to that of the next, milliseconds, from 1000. A scan that takes longer is followed by the next at once. */
  every: number;
  /** Up to so many milliseconds are added at random each time, so that many hosts do not ask at once. Default 0. */
  jitter?: number | undefined;
}

/** Options of `scanner.scanScope`. */
export interface JobOptions {
  /** Keys for the account of the job, where neither its profile nor the default ones are meant. */
  credentials?: Account['credentials'];
  signal?: AbortSignal | undefined;
  onEvent?: ScanEventHandler | undefined;
}

/** How much goes on at once: upper bounds, above the engine's own `maxConcurrent`. */
export interface Concurrency {
  /** Default 1. */
  accounts: number;
  /** Regions of one account. Default 10. */
  regions: number;
  /** Services of one region. Default 10. */
  services: number;
  /** Resources of one service that are read one by one, such as buckets. Default 100. */
  resources: number;
}

/** Options of `new EstateScanner()`. */
export interface EstateScannerOptions {
  /** Runs the AWS CLI: an `ExecutionEngine`, whose `awsCli` options say which CLI, endpoint and credentials. */
  engine: CommandRunner;
  /** Where resources go. Default: nowhere; they are in the events alone. */
  store?: EstateStore;
  /** Makes vectors of resources, for the store. Default: none are made. */
  embedder?: Embedder;
  /** Default: `ServiceScannerRegistry.builtIn()`. */
  registry?: ServiceScannerRegistry;
  /** How IAM is reached; false asks nothing, and `permissions` stay null. Default: as the AWS SDK finds it. */
  iam?: IamOptions | false;
  /** Where scans with a `checkpoint` note what they have finished: `fileCheckpoints(folder)`. Default: nowhere. */
  checkpoints?: CheckpointStore;
  concurrency?: Partial<Concurrency>;
  /** Default: 10 attempts, 500 ms, doubled, at most 4 s, full jitter. */
  retry?: Partial<RetryPolicy>;
  /** Resources that are enriched, embedded and stored together. Default 100. */
  batchSize?: number;
  /** List items that one CLI call reads before the next takes over. Default 1000. */
  itemsPerCall?: number;
  /** How long one CLI call may take. Default 300,000 ms. */
  callTimeoutMs?: number;
  /** What one CLI call may print. Default and most: 256 MiB. */
  maxOutputBytes?: number;
  /** What `scan()` goes through where it is not told otherwise. */
  defaults?: ScanSelection;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** 0 to 1, for jitter. Default `Math.random`. */
  random?: () => number;
}

const LARGEST_OUTPUT = 256 * 1024 * 1024;

/** A part that the caller hands over, by the methods it must have. */
function part(what: string, ...methods: string[]) {
  const has = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof Reflect.get(value, method) === 'function');
  return z.custom(has, `must be ${what}: it needs ${methods.join('() and ')}()`);
}

const Settings = z.object({
  engine: part('an ExecutionEngine', 'run'),
  store: part('a store', 'upsert', 'get').optional(),
  embedder: part('an embedder', 'embed').optional(),
  checkpoints: part('a store of checkpoints', 'load', 'save', 'remove').optional(),
  registry: part('a ServiceScannerRegistry', 'list', 'get', 'forType').optional(),
  concurrency: z
    .strictObject({
      accounts: z.int().min(1).max(100).default(1),
      regions: z.int().min(1).max(100).default(10),
      services: z.int().min(1).max(100).default(10),
      resources: z.int().min(1).max(1000).default(100),
    })
    .prefault({}),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).max(50).default(10),
      initialDelayMs: z.int().min(0).max(60_000).default(500),
      multiplier: z.number().min(1).max(10).default(2),
      maxDelayMs: z.int().min(0).max(600_000).default(4_000),
    })
    .prefault({}),
  batchSize: z.int().min(1).max(1000).default(100),
  itemsPerCall: z.int().min(1).max(100_000).default(1000),
  callTimeoutMs: z.int().min(1).max(3_600_000).default(300_000),
  maxOutputBytes: z.int().min(1024).max(LARGEST_OUTPUT).default(LARGEST_OUTPUT),
  defaults: ScanSelection.prefault({}),
});

/** The plain settings of a scanner with every default filled in. */
export type Settings = Omit<
  z.infer<typeof Settings>,
  'engine' | 'store' | 'embedder' | 'checkpoints' | 'registry'
>;

/** @throws ScanError `INVALID_OPTIONS` with the path of what is wrong */
export function resolveSettings(options: EstateScannerOptions): Readonly<Settings> {
  const {
    engine: _engine,
    store: _store,
    embedder: _embedder,
    checkpoints: _checkpoints,
    registry: _registry,
    ...settings
  } = parse(Settings, options);
  return Object.freeze(settings);
}

/** @throws ScanError `INVALID_OPTIONS` with the path of what is wrong */
export function resolveSelection(options: ScanSelection): ScanSelection {
  return parse(z.object(scanSelection), options);
}

const RunOptions = z.object({
  accountConcurrency: z.int().min(1).max(100).optional(),
  checkpoint: z
    .string()
    .regex(/^[\w.-]{1,100}$/u, 'a checkpoint has a name of letters, digits, dots and dashes')
    .optional(),
});

const WatchRhythm = z.object({
  every: z.number().min(1000),
  jitter: z.number().min(0).default(0),
});

/** When a watcher scans. @throws ScanError `INVALID_OPTIONS` */
export function resolveRhythm(options: WatchOptions): z.infer<typeof WatchRhythm> {
  return parse(WatchRhythm, options);
}

/** How one scan is run, besides what it goes through. @throws ScanError `INVALID_OPTIONS` */
export function resolveRunOptions(options: ScanOptions): z.infer<typeof RunOptions> {
  return parse(RunOptions, options);
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new ScanError('INVALID_OPTIONS', z.prettifyError(parsed.error), {
    details: { issues: parsed.error.issues.map(({ path, message }) => ({ path, message })) },
  });
}
