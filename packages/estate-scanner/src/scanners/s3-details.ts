import { z } from 'zod';
import { AwsCallError, endsAccount } from '../aws/errors.ts';
import type { Json } from '../resource.ts';
import type { ScanContext } from '../service-scanner.ts';
import { Flag, Text } from './projection.ts';

/** What a bucket's list entry does not have. A field that could not be seen is null; "none" is said outright. */
export interface BucketDetails {
  /** `Disabled`: never enabled. */
  versioning: 'Enabled' | 'Suspended' | 'Disabled' | null;
  mfa_delete: boolean | null;
  /** `algorithm` is `none` where the bucket has no default encryption. */
  encryption: { algorithm: string; kms_key: string | null; bucket_key: boolean | null } | null;
  public_access: PublicAccess | null;
  /** Whether access is logged; null is unknown. */
  logging: boolean | null;
  log_target: string | null;
  /** The fields above that are unknown because they could not be read. */
  unknown: string[];
}

/** The public access block; `blocked` sums it up. */
type PublicAccess = {
  blocked: 'all' | 'some' | 'none';
  block_public_acls: boolean;
  ignore_public_acls: boolean;
  block_public_policy: boolean;
  restrict_public_buckets: boolean;
};

const Versioning = z
  .object({ status: z.enum(['Enabled', 'Suspended']).nullish(), mfa: Text })
  .nullable();
const Encryption = z.object({ algorithm: Text, key: Text, bucket_key: Flag });
const Block = z.object({ acls: Flag, ignore: Flag, policy: Flag, restrict: Flag });

/**
 * Reads the details of one bucket in its own region; what is refused stays unknown, with one warning for the bucket.
 *
 * @returns null where the bucket is gone since it was listed
 */
export async function readBucketDetails(
  context: ScanContext,
  bucket: string,
  region: string | null,
): Promise<BucketDetails | null> {
  const refused: { field: string; error: AwsCallError }[] = [];

  const read = async <Value>(
    field: string,
    operation: string,
    query: string,
    noneCode: string | null,
    parse: (output: Json) => Value,
    isAnswer?: (output: Json) => boolean,
  ): Promise<Value | null> => {
    try {
      const options = { query, ...(region !== null && { region }), ...(isAnswer && { isAnswer }) };
      return parse(await context.aws('s3api', operation, { Bucket: bucket }, options));
    } catch (error) {
      if (!AwsCallError.is(error) || endsAccount(error.kind)) throw error;
      if (error.code === noneCode) return parse(null);
      refused.push({ field, error });
      return null;
    }
  };

  const [versioning, encryption, public_access, logging] = await Promise.all([
    read(
      'versioning',
      'get-bucket-versioning',
      '{status: Status, mfa: MFADelete}',
      null,
      parseVersioning,
    ),
    read(
      'encryption',
      'get-bucket-encryption',
      'ServerSideEncryptionConfiguration.Rules[0].{algorithm: ApplyServerSideEncryptionByDefault.SSEAlgorithm, key: ApplyServerSideEncryptionByDefault.KMSMasterKeyID, bucket_key: BucketKeyEnabled}',
      'ServerSideEncryptionConfigurationNotFoundError',
      parseEncryption,
      // Without a configuration S3 answers with an error.
      (output) => output !== null,
    ),
    read(
      'public_access',
      'get-public-access-block',
      'PublicAccessBlockConfiguration.{acls: BlockPublicAcls, ignore: IgnorePublicAcls, policy: BlockPublicPolicy, restrict: RestrictPublicBuckets}',
      'NoSuchPublicAccessBlockConfiguration',
      parsePublicAccess,
      (output) => Object.values(Block.safeParse(output).data ?? {}).some((flag) => flag !== null),
    ),
    read('logging', 'get-bucket-logging', 'LoggingEnabled.TargetBucket', null, parseLogging),
  ]);

  if (refused.some(({ error }) => error.code === 'NoSuchBucket')) return null;
  const first = refused[0];
  if (first) {
    const fields = refused.map(({ field }) => field).join(', ');
    context.warn(first.error, `unknown of bucket ${bucket}: ${fields}`);
  }
  return {
    versioning: versioning?.status ?? null,
    mfa_delete: versioning?.mfa_delete ?? null,
    encryption,
    public_access,
    logging: logging?.enabled ?? null,
    log_target: logging?.target ?? null,
    unknown: refused.map(({ field }) => field).sort(),
  };
}

function parseVersioning(output: Json) {
  const found = Versioning.parse(output);
  return { status: found?.status ?? ('Disabled' as const), mfa_delete: found?.mfa === 'Enabled' };
}

function parseEncryption(output: Json) {
  const found = output === null ? null : Encryption.parse(output);
  return {
    algorithm: found?.algorithm ?? 'none',
    kms_key: found?.key ?? null,
    bucket_key: found?.bucket_key ?? null,
  };
}

function parsePublicAccess(output: Json): PublicAccess {
  const found = output === null ? null : Block.parse(output);
  const flags = {
    block_public_acls: found?.acls ?? false,
    ignore_public_acls: found?.ignore ?? false,
    block_public_policy: found?.policy ?? false,
    restrict_public_buckets: found?.restrict ?? false,
  };
  const set = Object.values(flags).filter(Boolean).length;
  return { blocked: set === 4 ? 'all' : set === 0 ? 'none' : 'some', ...flags };
}

function parseLogging(output: Json) {
  return {
    enabled: typeof output === 'string',
    target: typeof output === 'string' ? output : null,
  };
}
