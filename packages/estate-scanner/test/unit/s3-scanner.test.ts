import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/resource.ts';
import { s3Scanner } from '../../src/scanners/s3.ts';
import { collect } from '../support/collect.ts';
import { refusal, stubContext } from '../support/stub-context.ts';

/** A list without regions, as from an endpoint that does not tell them. */
const list = (...names: string[]) => ({
  'list-buckets': names.map((name) => ({ name, region: null, created: null })),
});

const locations: Record<string, Json> = { classic: null, old: 'EU', new: 'ap-south-1' };

describe('s3Scanner', () => {
  it('reads null as us-east-1 and EU as eu-west-1, and asks in the bucket’s own region', async () => {
    const asked = new Set<string>();
    const { context } = stubContext({
      lists: list('classic', 'old', 'new'),
      aws(operation, parameters, region) {
        const bucket = typeof parameters['Bucket'] === 'string' ? parameters['Bucket'] : '';
        if (operation === 'get-bucket-location') return locations[bucket] ?? null;
        asked.add(`${bucket} ${String(region)}`);
        return null;
      },
    });
    const found = await collect(s3Scanner.scan(context));
    expect(found.map(({ id, region }) => `${id} ${String(region)}`).sort()).toEqual([
      'classic us-east-1',
      'new ap-south-1',
      'old eu-west-1',
    ]);
    expect([...asked].sort()).toEqual(['classic us-east-1', 'new ap-south-1', 'old eu-west-1']);
  });

  it('asks the bucket itself where its location is denied', async () => {
    const { context, warnings } = stubContext({
      lists: list('b'),
      aws(operation) {
        if (operation === 'get-bucket-location') throw refusal('AccessDenied');
        return operation === 'head-bucket' ? 'eu-north-1' : null;
      },
    });
    expect(await collect(s3Scanner.scan(context))).toEqual([
      expect.objectContaining({ region: 'eu-north-1' }),
    ]);
    expect(warnings).toEqual([]);
  });

  it('leaves out a bucket that went away since it was listed, without a warning', async () => {
    const { context, warnings } = stubContext({
      lists: {
        'list-buckets': ['there', 'gone'].map((name) => ({ name, region: 'eu-west-1' })),
      },
      aws(_operation, { Bucket }) {
        if (Bucket === 'gone') throw refusal('NoSuchBucket', 'not_found');
        return null;
      },
    });
    const found = await collect(s3Scanner.scan(context));
    expect(found.map(({ id }) => id)).toEqual(['there']);
    expect(warnings).toEqual([]);
  });

  it('tells none and off from unknown', async () => {
    const { context, warnings } = stubContext({
      lists: { 'list-buckets': [{ name: 'b', region: 'eu-west-1', created: null }] },
      aws(operation) {
        switch (operation) {
          case 'get-bucket-versioning':
            return null;
          case 'get-bucket-encryption':
            throw refusal('ServerSideEncryptionConfigurationNotFoundError', 'other');
          case 'get-public-access-block':
            throw refusal('NoSuchPublicAccessBlockConfiguration', 'not_found');
          default:
            throw refusal('AccessDenied');
        }
      },
    });
    const [found] = await collect(s3Scanner.scan(context));
    expect(found?.attributes).toMatchObject({
      versioning: 'Disabled',
      mfa_delete: false,
      encryption: { algorithm: 'none', kms_key: null },
      public_access: { blocked: 'none', block_public_acls: false },
      logging: null,
      log_target: null,
      unknown: ['logging'],
    });
    expect(warnings).toEqual(['unknown of bucket b: logging']);
  });

  it('notes key and log target as relations', async () => {
    const kms_key = 'arn:aws:kms:eu-west-1:123456789012:key/k';
    const { context } = stubContext({
      lists: { 'list-buckets': [{ name: 'b', region: 'eu-west-1', created: null }] },
      aws(operation) {
        if (operation === 'get-bucket-encryption') return { algorithm: 'aws:kms', key: kms_key };
        return operation === 'get-bucket-logging' ? 'logs' : null;
      },
    });
    const [found] = await collect(s3Scanner.scan(context));
    expect(found?.relations).toEqual([
      { type: 'encrypted_by', target: kms_key },
      { type: 'logs_to', target: 'arn:aws:s3:::logs' },
    ]);
  });

  it('does not list when no bucket is wanted', async () => {
    const { context, calls } = stubContext({ wanted: {} });
    expect(await collect(s3Scanner.scan(context))).toEqual([]);
    expect(calls).toEqual([]);
  });
});
