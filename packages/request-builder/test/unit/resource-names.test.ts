import type { EstateRecord } from 'cloudops-storage-service';
import { describe, expect, it } from 'vitest';
import { Cleaner } from '../../src/context/clean.ts';
import { viewOf } from '../../src/context/resource-view.ts';
import { resourceIdOf, resourceKeyOf } from '../../src/protocol.ts';

const ACCOUNT = '123456789012';

function record(type: string, id: string, arn: string | null, region = 'eu-west-1'): EstateRecord {
  const [service = ''] = type.split(':');
  return {
    key: `${ACCOUNT}-${region}-${type}/${id}`,
    account_id: ACCOUNT,
    visible_from: [],
    region,
    service,
    resource_type: type,
    resource_id: `${type}/${id}`,
    arn,
    name: null,
    state: null,
    tags: null,
    created_at: null,
    attributes: {},
    relations: [],
    permissions: null,
    text: '',
    content_hash: '',
    embedding: null,
    first_seen: '2026-01-01T00:00:00Z',
    last_seen: '2026-01-01T00:00:00Z',
    missing_since: null,
    scan_id: null,
  };
}

describe('the id and the key of a resource in a request', () => {
  it.each([
    [record('ec2:instance', 'i-0abc', `arn:aws:ec2:eu-west-1:${ACCOUNT}:instance/i-0abc`), []],
    [record('s3:bucket', 'my.logs', 'arn:aws:s3:::my.logs', 'global'), []],
    [record('lambda:function', 'pay', `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:pay`), []],
    // What does not follow from the rest is sent.
    [record('ec2:instance', 'i-0abc', null), ['resource_id']],
    [record('iam:role', 'path/admin', `arn:aws:iam::${ACCOUNT}:role/path/admin`), ['resource_id']],
    [{ ...record('ec2:instance', 'i-0abc', null), key: 'other' }, ['resource_id', 'key']],
  ])(
    'are those of the store, and are sent only where nothing else tells them: %#',
    (from, sent) => {
      const view = viewOf(from, 'r1', 1, new Cleaner());
      expect(resourceIdOf(view)).toBe(from.resource_id);
      expect(resourceKeyOf(view, ACCOUNT)).toBe(from.key);
      expect(
        Object.keys(view.fields).filter((name) => name !== 'region' && name !== 'attributes'),
      ).toEqual(sent);
    },
  );

  it('are null where nothing tells them', () => {
    const bare = {
      ref: 'r1',
      type: 'ec2:instance',
      score: 1,
      fields: {},
      trust: 'untrusted',
    } as const;
    expect(resourceIdOf(bare)).toBeNull();
    expect(resourceKeyOf(bare, ACCOUNT)).toBeNull();
  });
});
