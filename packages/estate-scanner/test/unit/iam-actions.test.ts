import { describe, expect, it } from 'vitest';
import { isAccountWide, targetArn } from '../../src/iam/actions.ts';

const none: ReadonlySet<string> = new Set();
const bucket = 'arn:aws:s3:::invoices';

describe('isAccountWide', () => {
  it.each([
    'ec2:DescribeInstances',
    'EC2:describeinstances',
    's3:ListAllMyBuckets',
    'lambda:ListFunctions',
  ])('knows that %s takes no resource', (action) => expect(isAccountWide(action, none)).toBe(true));

  it.each([
    'ec2:StopInstances',
    'ec2:DescribeInstanceAttribute',
    's3:ListBucket',
    'dynamodb:PutItem',
  ])('asks about %s per resource', (action) => expect(isAccountWide(action, none)).toBe(false));

  it('believes a plugin about actions of its own', () => {
    expect(isAccountWide('sqs:ListQueues', new Set(['sqs:listqueues']))).toBe(true);
  });
});

describe('targetArn', () => {
  it.each([
    's3:GetObject',
    's3:PutObject',
    's3:DeleteObject',
    's3:GetObjectVersion',
    's3:AbortMultipartUpload',
  ])('asks about the objects of a bucket for %s', (action) =>
    expect(targetArn(action, bucket, none)).toBe(`${bucket}/*`),
  );

  it.each(['s3:ListBucket', 's3:PutBucketPolicy', 's3:ListBucketMultipartUploads'])(
    'asks about the bucket itself for %s',
    (action) => expect(targetArn(action, bucket, none)).toBe(bucket),
  );

  it('leaves a pattern for objects as it is', () => {
    expect(targetArn('s3:GetObject', `${bucket}/reports/*`, none)).toBe(`${bucket}/reports/*`);
  });

  it('asks about everything where the action takes no resource', () => {
    expect(
      targetArn('ec2:DescribeVpcs', 'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1', none),
    ).toBe('*');
  });
});
