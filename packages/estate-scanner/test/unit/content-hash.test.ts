import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, contentHash } from '../../src/content-hash.ts';
import { vpcResource } from '../support/resources.ts';

describe('canonicalJson', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).toReversed());
        expect(canonicalJson(reversed)).toBe(canonicalJson(object));
        expect(JSON.parse(canonicalJson(object))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });
  it('keeps a key called __proto__', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":"x"}'))).toBe('{"__proto__":"x","b":1}');
  });
});

describe('contentHash', () => {
  const resource = vpcResource();

  it('stays the same whoever scans it, whenever, and whatever they may do', () => {
    const later = {
      ...resource,
      scan_id: 'other',
      first_seen: '2030-01-01T00:00:00.000Z',
      last_seen: '2030-01-01T00:00:00.000Z',
      visible_from: ['210987654321'],
      permissions: null,
      embedding: { model: 'm', text_hash: 'h' },
    };
    expect(contentHash(later)).toBe(contentHash(resource));
  });

  it.each([
    { state: 'pending' },
    { tags: { env: 'prod' } },
    { tags: null },
    { attributes: { is_default: null } },
    { relations: [] },
    { name: 'other' },
  ])('changes with %j', (change) => {
    expect(contentHash({ ...resource, ...change })).not.toBe(contentHash(resource));
  });
});
