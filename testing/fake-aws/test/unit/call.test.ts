import { describe, expect, it } from 'vitest';
import { identifyCall } from '../../src/proxy/call.ts';

const signed = (service: string, region = 'eu-west-1') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AKIDX/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

function identify(
  service: string,
  method: string,
  path: string,
  more: Record<string, string> = {},
  form: string | null = null,
) {
  const url = new URL(path, 'http://127.0.0.1');
  const call = identifyCall({ method, url, headers: { ...signed(service), ...more }, form });
  return `${call.service}:${call.operation} ${call.region} ${call.protocol}`;
}

describe('identifyCall', () => {
  it('reads the action of a query-protocol call from its form', () => {
    const form = 'Action=DescribeInstances&Version=2016-11-15';
    expect(identify('ec2', 'POST', '/', {}, form)).toBe('ec2:DescribeInstances eu-west-1 ec2');
    expect(identify('rds', 'POST', '/', {}, 'Action=DescribeDBInstances')).toBe(
      'rds:DescribeDBInstances eu-west-1 query',
    );
  });

  it('reads the target of a JSON call', () => {
    const headers = { 'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.GetResources' };
    expect(identify('tagging', 'POST', '/', headers)).toBe('tagging:GetResources eu-west-1 json');
  });

  it.each([
    ['GET', '/', 'ListBuckets'],
    ['GET', '/?max-buckets=5', 'ListBuckets'],
    ['PUT', '/bucket', 'CreateBucket'],
    ['HEAD', '/bucket', 'HeadBucket'],
    ['GET', '/bucket?tagging', 'GetBucketTagging'],
    ['GET', '/bucket?publicAccessBlock', 'GetPublicAccessBlock'],
    ['PUT', '/bucket?encryption', 'PutBucketEncryption'],
    ['GET', '/bucket?list-type=2&prefix=a', 'ListObjectsV2'],
    ['POST', '/bucket?delete', 'DeleteObjects'],
    ['GET', '/bucket/a/b.txt', 'GetObject'],
    ['PUT', '/bucket/a', 'PutObject'],
    ['GET', '/bucket/a?tagging', 'GetObjectTagging'],
    ['PUT', '/bucket/a?partNumber=1&uploadId=x', 'UploadPart'],
    ['POST', '/bucket/a?uploadId=x', 'CompleteMultipartUpload'],
  ])('knows %s %s of S3 as %s', (method, path, operation) => {
    expect(identify('s3', method, path)).toBe(`s3:${operation} eu-west-1 rest-xml`);
  });

  it.each([
    ['GET', '/2015-03-31/functions', 'ListFunctions'],
    ['GET', '/2015-03-31/functions/', 'ListFunctions'],
    ['GET', '/2015-03-31/functions/orders', 'GetFunction'],
    ['POST', '/2015-03-31/functions/orders/invocations', 'Invoke'],
    ['GET', '/2017-03-31/tags/arn%3Aaws%3Alambda', 'ListTags'],
    ['GET', '/2015-03-31/event-source-mappings/', 'ListEventSourceMappings'],
  ])('knows %s %s of Lambda as %s', (method, path, operation) => {
    expect(identify('lambda', method, path)).toBe(`lambda:${operation} eu-west-1 rest-json`);
  });

  it('names an operation that it does not know by method and path', () => {
    expect(identify('lambda', 'PATCH', '/2015-03-31/other')).toBe(
      'lambda:PATCH /2015-03-31/other eu-west-1 rest-json',
    );
  });

  it('reads the credential scope of a presigned URL', () => {
    const query = 'X-Amz-Credential=AKIDX%2F20260101%2Fus-east-1%2Fs3%2Faws4_request';
    const url = new URL(`/bucket/key?${query}`, 'http://127.0.0.1');
    const call = identifyCall({ method: 'GET', url, headers: {}, form: null });
    expect(call).toMatchObject({ service: 's3', operation: 'GetObject', region: 'us-east-1' });
  });

  it('does not take an object called Action for an action', () => {
    expect(identify('s3', 'GET', '/bucket?Action=DeleteBucket')).toContain('s3:ListObjects ');
  });
});
