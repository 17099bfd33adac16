import type { IncomingHttpHeaders } from 'node:http';

/** Sub-resources of a bucket and of an object, and the noun that their operations have in the S3 API reference. */
const bucketNouns: Readonly<Record<string, string>> = {
  accelerate: 'BucketAccelerateConfiguration',
  acl: 'BucketAcl',
  cors: 'BucketCors',
  encryption: 'BucketEncryption',
  lifecycle: 'BucketLifecycleConfiguration',
  location: 'BucketLocation',
  logging: 'BucketLogging',
  notification: 'BucketNotificationConfiguration',
  'object-lock': 'ObjectLockConfiguration',
  ownershipControls: 'BucketOwnershipControls',
  policy: 'BucketPolicy',
  policyStatus: 'BucketPolicyStatus',
  publicAccessBlock: 'PublicAccessBlock',
  replication: 'BucketReplication',
  requestPayment: 'BucketRequestPayment',
  tagging: 'BucketTagging',
  versioning: 'BucketVersioning',
  website: 'BucketWebsite',
};
const objectNouns: Readonly<Record<string, string>> = {
  acl: 'ObjectAcl',
  attributes: 'ObjectAttributes',
  'legal-hold': 'ObjectLegalHold',
  retention: 'ObjectRetention',
  tagging: 'ObjectTagging',
};
const verbs: Readonly<Record<string, string>> = { GET: 'Get', PUT: 'Put', DELETE: 'Delete' };

/** The S3 operation behind a path-style request, or null where it is not one of those listed here. */
export function s3Operation(method: string, url: URL, headers: IncomingHttpHeaders): string | null {
  const path = url.pathname.slice(1);
  if (path === '') return method === 'GET' ? 'ListBuckets' : null;
  const slash = path.indexOf('/');
  const isBucket = slash === -1 || slash === path.length - 1;
  return isBucket
    ? bucketOperation(method, url.searchParams)
    : objectOperation(method, url.searchParams, headers);
}

function bucketOperation(method: string, query: URLSearchParams): string | null {
  if (method === 'GET' && query.has('versions')) return 'ListObjectVersions';
  if (method === 'GET' && query.has('uploads')) return 'ListMultipartUploads';
  if (method === 'POST' && query.has('delete')) return 'DeleteObjects';
  const noun = subResource(query, bucketNouns);
  if (noun !== null) return named(method, noun);
  if (method === 'GET') return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
  return { HEAD: 'HeadBucket', PUT: 'CreateBucket', DELETE: 'DeleteBucket' }[method] ?? null;
}

function objectOperation(
  method: string,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): string | null {
  const copies = headers['x-amz-copy-source'] !== undefined;
  if (query.has('uploads')) return 'CreateMultipartUpload';
  if (query.has('uploadId')) {
    if (method === 'PUT') return copies ? 'UploadPartCopy' : 'UploadPart';
    return (
      { POST: 'CompleteMultipartUpload', DELETE: 'AbortMultipartUpload', GET: 'ListParts' }[
        method
      ] ?? null
    );
  }
  const noun = subResource(query, objectNouns);
  if (noun !== null) return named(method, noun);
  if (method === 'HEAD') return 'HeadObject';
  if (method === 'PUT' && copies) return 'CopyObject';
  return named(method, 'Object');
}

function subResource(
  query: URLSearchParams,
  nouns: Readonly<Record<string, string>>,
): string | null {
  const key = Object.keys(nouns).find((name) => query.has(name));
  return key === undefined ? null : (nouns[key] ?? null);
}

function named(method: string, noun: string): string | null {
  const verb = verbs[method];
  return verb === undefined ? null : verb + noun;
}
