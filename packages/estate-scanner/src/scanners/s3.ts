import { z } from 'zod';
import { AwsCallError } from '../aws/errors.ts';
import type { DiscoveredResource } from '../resource.ts';
import { defineServiceScanner, type ScanContext } from '../service-scanner.ts';
import { Text, Time, arnEdges } from './projection.ts';
import { readBucketDetails, type BucketDetails } from './s3-details.ts';
import { regionTags, tagsOf } from './tagged.ts';

const Bucket = z.object({ name: z.string(), region: Text, created: Time });
type Bucket = z.infer<typeof Bucket>;

/**
 * Buckets with their own region, tags, versioning, encryption, public access and log target. One call per account, four per bucket, and
 * one for tags per region with buckets in it.
 */
export const s3Scanner = defineServiceScanner({
  service: 's3',
  scope: 'global',
  resourceTypes: ['s3:bucket'],
  requiredPermissions: [
    's3:ListAllMyBuckets',
    's3:GetBucketLocation',
    's3:GetBucketVersioning',
    's3:GetEncryptionConfiguration',
    's3:GetBucketPublicAccessBlock',
    's3:GetBucketLogging',
    'tag:GetResources',
  ],
  words: { 's3:bucket': 'S3 bucket, object storage, files' },
  actions: {
    's3:bucket': {
      onResource: [
        's3:ListBucket',
        's3:DeleteBucket',
        's3:PutBucketPolicy',
        's3:PutBucketTagging',
        's3:PutBucketVersioning',
        's3:PutEncryptionConfiguration',
        's3:PutBucketPublicAccessBlock',
      ],
      onContents: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    },
  },
  async *scan(context) {
    const read = (bucket: Bucket) => toResource(context, bucket);
    for await (const resource of context.mapResources(buckets(context), read)) {
      if (resource !== null) yield resource;
    }
  },
});

async function* buckets(context: ScanContext): AsyncGenerator<Bucket> {
  const wanted = context.wanted('s3:bucket');
  if (wanted?.length === 0) return;
  // A page size is a request parameter, and only with one does S3 tell the region of each bucket.
  const list = context.list('s3api', 'list-buckets', {
    query: 'Buckets[].{name: Name, region: BucketRegion, created: CreationDate}',
    pageSize: 1000,
  });
  for await (const item of list) {
    const bucket = Bucket.parse(item);
    if (wanted !== null && !wanted.includes(bucket.name)) continue;
    const region = bucket.region ?? (await locate(context, bucket.name));
    if (region === null || context.includesRegion(region)) yield { ...bucket, region };
  }
}

/** The region of a bucket that the list did not tell: null in S3's answer is us-east-1, `EU` is eu-west-1. */
async function locate(context: ScanContext, name: string): Promise<string | null> {
  try {
    const location = await context.aws(
      's3api',
      'get-bucket-location',
      { Bucket: name },
      { query: 'LocationConstraint' },
    );
    if (location === 'EU') return 'eu-west-1';
    return typeof location === 'string' ? location : 'us-east-1';
  } catch (error) {
    if (!AwsCallError.is(error)) throw error;
  }
  try {
    const region = await context.aws(
      's3api',
      'head-bucket',
      { Bucket: name },
      { query: 'BucketRegion' },
    );
    if (typeof region === 'string') return region;
    throw new AwsCallError('s3api head-bucket', {
      kind: 'other',
      code: 'NoRegion',
      message: 'S3 did not tell the region',
      scp: false,
    });
  } catch (error) {
    context.warn(error, `the region of bucket ${name} is unknown`);
    return null;
  }
}

async function toResource(
  context: ScanContext,
  bucket: Bucket,
): Promise<DiscoveredResource | null> {
  const { name, region, created } = bucket;
  const arn = `arn:${context.partition}:s3:::${name}`;
  const tags = region === null ? null : tagsOf(await regionTags(context, region), arn);
  const details = await readBucketDetails(context, name, region);
  if (details === null) return null;
  return {
    resource_type: 's3:bucket',
    id: name,
    region: region ?? 'unknown',
    arn,
    name,
    state: null,
    tags,
    created_at: created,
    attributes: { ...details },
    relations: [
      ...arnEdges('encrypted_by', [details.encryption?.kms_key ?? null]),
      ...arnEdges('logs_to', [
        details.log_target === null ? null : `arn:${context.partition}:s3:::${details.log_target}`,
      ]),
    ],
    search_words: searchWords(details),
  };
}

function searchWords({ versioning, encryption, public_access }: BucketDetails): string[] {
  return [
    versioning === 'Enabled' ? 'versioned' : '',
    public_access?.blocked === 'all' ? 'private' : '',
    encryption?.algorithm === 'none' ? 'unencrypted' : '',
    public_access?.blocked === 'none' ? 'may be public, public access not blocked' : '',
  ];
}
