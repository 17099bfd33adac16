import { z } from 'zod';
import type { AwsCredentials } from '../aws/credentials.ts';
import { ScanError } from '../errors.ts';
import type { RetryPolicy } from '../aws/retry.ts';
import type { PermissionCache } from './cache.ts';

/** Access keys for IAM. Nothing is cached beyond their `expiration`. */
export type IamCredentials = AwsCredentials;

/** Options of `PermissionEvaluator`; every one has a default. */
export interface IamOptions {
  /** URL of the IAM endpoint. Default: the SDK's, which honours `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_IAM`. */
  endpoint?: string;
  /** Region that signs. IAM is global; the default follows the partition of the principal (`us-east-1` in `aws`). */
  region?: string;
  /** Keys, or a function that gives them. Default: the SDK's credential chain. */
  credentials?: IamCredentials | (() => Promise<IamCredentials>);
  /** Profile of the AWS configuration files. Default: the SDK's. */
  profile?: string;
  /** Calls at the same time, 1 to 5. Default 5: IAM throttles early. */
  concurrency?: number;
  /** Attempts and pauses (full jitter) where IAM throttles or does not answer. Default 8 attempts, 200 ms to 10 s. */
  retry?: Partial<RetryPolicy>;
  /** How long an answer stays valid, at most as long as the credentials. Default 600,000 ms; 0 keeps none. */
  cacheTtlMs?: number;
  /** Default: in memory. */
  cache?: PermissionCache;
  /** Actions, besides the built-in list, that take no resource and are asked about `*`. */
  accountWideActions?: readonly string[];
}

const IamOptionsSchema = z.object({
  endpoint: z.url().optional(),
  region: z.string().min(1).optional(),
  profile: z.string().min(1).optional(),
  concurrency: z.int().min(1).max(5).default(5),
  retry: z
    .strictObject({
      maxAttempts: z.int().min(1).max(50).default(8),
      initialDelayMs: z.int().min(0).max(60_000).default(200),
      multiplier: z.number().min(1).max(10).default(2),
      maxDelayMs: z.int().min(0).max(600_000).default(10_000),
    })
    .prefault({}),
  cacheTtlMs: z.int().min(0).default(600_000),
  accountWideActions: z.array(z.string().min(1)).default([]),
});

/** {@link IamOptions} with every default filled in. */
export type ResolvedIamOptions = z.infer<typeof IamOptionsSchema>;

/** @throws ScanError `INVALID_OPTIONS` with the path of what is wrong */
export function resolveIamOptions(options: IamOptions): Readonly<ResolvedIamOptions> {
  const parsed = IamOptionsSchema.safeParse(options);
  if (!parsed.success)
    throw new ScanError('INVALID_OPTIONS', `iam: ${z.prettifyError(parsed.error)}`);
  return Object.freeze(parsed.data);
}
