import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { AwsCliOptions } from './commands/invocation.ts';
import type { ExecutionError } from './errors.ts';
import { defaultLogDir } from './logs/directory.ts';
import type { RetentionPolicy } from './logs/retention.ts';
import type { MetricListener } from './metrics.ts';
import { LARGEST_CAPTURE } from './request.ts';
import { invalid, parseOrThrow } from './validation.ts';

/** Such a call needs 25 ms of CPU and mostly waits for AWS: with one on each core a scan over 50 ms of latency took nearly twice as long. */
const WARM_CALL_SHARE = 1 / 4;

/** What {@link EngineOptions} are checked with. */
export const EngineOptionsSchema = z.strictObject({
  maxConcurrent: z.int().min(1).max(10_000).optional(),
  killGraceMs: z.int().min(0).max(3_600_000).optional(),
  logDir: z.string().min(1).optional(),
  maxCaptureBytes: z.int().min(0).max(LARGEST_CAPTURE).optional(),
  historyLimit: z.int().min(1).optional(),
  awsCli: z
    .strictObject({
      binary: z.string().min(1).optional(),
      endpointUrl: z.url().nullish(),
      env: z.record(z.string(), z.string()).optional(),
      warmCli: z.enum(['auto', 'off']).optional(),
    })
    .optional(),
  stateDir: z.string().min(1).optional(),
  syncState: z.boolean().optional(),
  onHostDeath: z.enum(['kill', 'keep']).optional(),
  keeper: z.boolean().optional(),
  spoolLimitBytes: z
    .int()
    .min(1024 * 1024)
    .optional(),
  maskAwsKeys: z.boolean().optional(),
  handlerGraceMs: z.int().min(0).optional(),
  retention: z
    .strictObject({
      maxAgeMs: z.number().min(0).optional(),
      maxCount: z.int().min(0).optional(),
      maxBytes: z.number().min(0).optional(),
    })
    .optional(),
  onMetric: z.custom<MetricListener>((value) => typeof value === 'function').optional(),
  onHandlerError: z.custom<HandlerErrorListener>((value) => typeof value === 'function').optional(),
  onProblem: z.custom<ProblemListener>((value) => typeof value === 'function').optional(),
});

/** Told of what an event handler threw or rejected with. */
export type HandlerErrorListener = (error: unknown) => void;

/** Told of what went wrong beside the executions. */
export type ProblemListener = (error: ExecutionError) => void;

/** What an engine can be told. Every field has a default. */
export interface EngineOptions {
  /**
   * Processes at once; default: the number of cores, and four to a core of calls that the AWS CLI answers warm, because
   * they mostly wait for AWS. The others wait.
   */
  maxConcurrent?: number | undefined;
  /** Time between SIGTERM and SIGKILL; default 5000. */
  killGraceMs?: number | undefined;
  /** Where logs go; default `<os tmp>/cloudops-executions`. Made with mode 0700. */
  logDir?: string | undefined;
  /** What a result holds of each stream; default 1 MiB. */
  maxCaptureBytes?: number | undefined;
  /** How many ended executions stay known; default 1000. Their logs stay on disk. */
  historyLimit?: number | undefined;
  /** How the AWS CLI is run. */
  awsCli?: Partial<AwsCliOptions> | undefined;
  /**
   * Where executions are remembered beyond the death of this process; default: nowhere. A new engine with the same
   * directory shows the history, takes over what still runs, and gives the rest an end. Made with mode 0700: until they
   * have ended, requests are stored with their environment and input.
   */
  stateDir?: string | undefined;
  /**
   * Whether what was accepted and how it ended also survives a power failure; default false, it survives the death of
   * the process. Costs a sync to disk for each: 1.6 ms on a disk at rest, seconds on one that others write to.
   */
  syncState?: boolean | undefined;
  /**
   * What becomes of running processes when the host dies, also by `kill -9`: `kill` (default) ends them, `keep`, only
   * with `stateDir`, lets them run on.
   */
  onHostDeath?: 'kill' | 'keep' | undefined;
  /**
   * Whether processes are started by a keeper, a small process of its own: default true, and false on Windows. Without
   * it they are children of this process, and outlive it where it is killed.
   */
  keeper?: boolean | undefined;
  /** Output that waits to be read, per execution, above which its process is held back; default 256 MiB. */
  spoolLimitBytes?: number | undefined;
  /** Whether what looks like an AWS key is masked in all output; default true. */
  maskAwsKeys?: boolean | undefined;
  /** How long `close` waits for event handlers that have not caught up; default 2000. */
  handlerGraceMs?: number | undefined;
  /**
   * Which logs are removed: the too old, and then the oldest until count and bytes are within bounds; default: none.
   * What runs is never touched, nor a log of the last hour that this engine does not know.
   */
  retention?: Partial<Record<keyof RetentionPolicy, number>> | undefined;
  /** Told of every measurement, for OpenTelemetry and the like; default: nobody. */
  onMetric?: MetricListener | undefined;
  /** Told of what an event handler threw or rejected with; default: nobody, the handler gets the next event. */
  onHandlerError?: HandlerErrorListener | undefined;
  /**
   * Told of what went wrong beside the executions: a record in `stateDir` that cannot be read (`STATE_UNREADABLE`), an
   * end that could not be stored (`STATE_WRITE_FAILED`), old logs that could not be removed (`LOG_WRITE_FAILED`).
   * Default: nobody.
   */
  onProblem?: ProblemListener | undefined;
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly maxConcurrent: number;
  /** How much of one of them a warm call of the AWS CLI takes. */
  readonly warmCallShare: number;
  readonly killGraceMs: number;
  readonly logDir: string;
  readonly maxCaptureBytes: number;
  readonly historyLimit: number;
  readonly awsCli: AwsCliOptions;
  readonly stateDir: string | null;
  readonly syncState: boolean;
  readonly onHostDeath: 'kill' | 'keep';
  readonly keeper: boolean;
  readonly spoolLimitBytes: number;
  readonly maskAwsKeys: boolean;
  readonly handlerGraceMs: number;
  readonly retention: RetentionPolicy;
  readonly onMetric: MetricListener | null;
  readonly onHandlerError: HandlerErrorListener;
  readonly onProblem: ProblemListener;
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws ExecutionError `INVALID_OPTIONS`
 */
export function resolveOptions(options: EngineOptions): ResolvedOptions {
  const given = parseOrThrow(EngineOptionsSchema, options, 'INVALID_OPTIONS');
  if (given.onHostDeath === 'keep' && given.stateDir === undefined) {
    throw invalid('INVALID_OPTIONS', [
      { path: 'onHostDeath', message: '"keep" needs a stateDir, or nobody would find them again' },
    ]);
  }
  return Object.freeze({
    maxConcurrent: given.maxConcurrent ?? availableParallelism(),
    // A bound that somebody has set is one on processes.
    warmCallShare: given.maxConcurrent === undefined ? WARM_CALL_SHARE : 1,
    killGraceMs: given.killGraceMs ?? 5000,
    logDir: resolve(given.logDir ?? defaultLogDir()),
    maxCaptureBytes: given.maxCaptureBytes ?? 1024 * 1024,
    historyLimit: given.historyLimit ?? 1000,
    awsCli: Object.freeze({
      binary: given.awsCli?.binary ?? 'aws',
      endpointUrl: given.awsCli?.endpointUrl ?? null,
      env: Object.freeze({ ...given.awsCli?.env }),
      warmCli: given.awsCli?.warmCli ?? 'auto',
    }),
    stateDir: given.stateDir === undefined ? null : resolve(given.stateDir),
    syncState: given.syncState ?? false,
    onHostDeath: given.onHostDeath ?? 'kill',
    keeper: (given.keeper ?? true) && process.platform !== 'win32',
    spoolLimitBytes: given.spoolLimitBytes ?? 256 * 1024 * 1024,
    maskAwsKeys: given.maskAwsKeys ?? true,
    handlerGraceMs: given.handlerGraceMs ?? 2000,
    retention: Object.freeze({
      maxAgeMs: given.retention?.maxAgeMs ?? null,
      maxCount: given.retention?.maxCount ?? null,
      maxBytes: given.retention?.maxBytes ?? null,
    }),
    onMetric: given.onMetric ?? null,
    onHandlerError: guarded(given.onHandlerError),
    onProblem: guarded(given.onProblem),
  });
}

/** A listener that throws must not change what it is told of. */
function guarded<Value>(listener: ((value: Value) => void) | undefined): (value: Value) => void {
  return (value) => {
    try {
      listener?.(value);
    } catch {
      // There is nobody else to tell.
    }
  };
}
