import type * as IamSdk from '@aws-sdk/client-iam';
import pLimit, { type LimitFunction } from 'p-limit';
import { delayMs, pause } from '../aws/retry.ts';
import { ScanError } from '../errors.ts';
import { isWorthRetrying } from './failure.ts';
import type { IamCredentials, ResolvedIamOptions } from './options.ts';

type Sdk = typeof IamSdk;
type IAMClient = IamSdk.IAMClient;
type Send<Result> = (client: IAMClient, sdk: Sdk, abortSignal?: AbortSignal) => Promise<Result>;

/** One call to IAM. */
export interface IamCall<Result> {
  partition: string;
  signal: AbortSignal | undefined;
  /** Called when the call's turn has come, before each attempt; what it throws ends the call. */
  beforeEach?: () => void;
  send: Send<Result>;
}

/** IAM lives in one region of each partition (https://docs.aws.amazon.com/general/latest/gr/iam-service.html). */
const PARTITION_REGIONS: Readonly<Record<string, string>> = {
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

/**
 * Calls IAM: at most `concurrency` at once, throttled ones again with full jitter, every attempt counted. The SDK is
 * loaded and the client made at the first call.
 */
export class IamCaller {
  calls = 0;
  retries = 0;
  readonly #options: Readonly<ResolvedIamOptions>;
  readonly #credentials: IamCredentials | (() => Promise<IamCredentials>) | undefined;
  readonly #limit: LimitFunction;
  readonly #random: () => number;
  readonly #clients = new Map<string, IAMClient>();

  constructor(
    options: Readonly<ResolvedIamOptions>,
    credentials: IamCredentials | (() => Promise<IamCredentials>) | undefined,
    random: () => number,
  ) {
    this.#options = options;
    this.#credentials = credentials;
    this.#random = random;
    this.#limit = pLimit(options.concurrency);
  }

  /** @throws what the SDK throws, after the last attempt; what `beforeEach` throws; ScanError `ABORTED` */
  async call<Result>({ partition, signal, beforeEach, send }: IamCall<Result>): Promise<Result> {
    return await this.#limit(async () => {
      const sdk = await import('@aws-sdk/client-iam');
      const client = this.#client(sdk, partition);
      for (let attempt = 1; ; attempt++) {
        throwIfAborted(signal);
        beforeEach?.();
        this.calls += 1;
        try {
          return await send(client, sdk, signal);
        } catch (error) {
          throwIfAborted(signal);
          if (attempt >= this.#options.retry.maxAttempts || !isWorthRetrying(error)) throw error;
          this.retries += 1;
          await pause(delayMs(attempt, this.#options.retry, this.#random), signal).catch(() => {
            throwIfAborted(signal);
          });
        }
      }
    });
  }

  /** When the credentials end, in milliseconds since 1970; null where they do not say. */
  async sessionEndMs(partition: string): Promise<number | null> {
    const client = this.#clients.get(this.#region(partition));
    const identity = await client?.config.credentials();
    return identity?.expiration?.getTime() ?? null;
  }

  /** The same for whichever partition was called; null before the first call. */
  async anySessionEndMs(): Promise<number | null> {
    const [client] = this.#clients.values();
    const identity = await client?.config.credentials();
    return identity?.expiration?.getTime() ?? null;
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }

  #region(partition: string): string {
    return this.#options.region ?? PARTITION_REGIONS[partition] ?? 'us-east-1';
  }

  #client(sdk: Sdk, partition: string): IAMClient {
    const region = this.#region(partition);
    const known = this.#clients.get(region);
    if (known !== undefined) return known;
    const { endpoint, profile } = this.#options;
    const client = new sdk.IAMClient({
      region,
      // This class owns retries, so that each one is counted.
      maxAttempts: 1,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
      ...(endpoint !== undefined && { endpoint }),
      ...(profile !== undefined && { profile }),
      ...(this.#credentials !== undefined && { credentials: this.#credentials }),
    });
    this.#clients.set(region, client);
    return client;
  }
}

/** @throws ScanError `ABORTED` */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new ScanError('ABORTED', 'Asking IAM was aborted.', { cause: signal.reason });
  }
}
