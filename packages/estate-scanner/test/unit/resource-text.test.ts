import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../src/text/places.ts';
import { resourceText, type TextParts } from '../../src/text/resource-text.ts';
import { wordsOf } from '../../src/text/words.ts';

const parts: TextParts = {
  typeWords: 'EC2 instance, virtual machine, server',
  name: 'checkout-web-prod-01',
  tags: { Name: 'checkout-web-prod-01', Team: 'payments', 'aws:autoscaling:groupName': 'x' },
  state: 'running',
  region: 'eu-west-1',
  searchWords: ['t3.large', ''],
};

describe('wordsOf', () => {
  it.each([
    ['checkout-web_prod/01', 'checkout web production 01'],
    ['prodCheckoutDB-01', 'production Checkout database 01'],
    ['HTTPServerLogs', 'HTTP Server Logs'],
    ['i-0abcd1234ef567890', ''],
    ['snapshot of vol-0abcd1234ef567890', 'snapshot of'],
    ['arn:aws:iam::123456789012:role/a b', 'b'],
    ['etl 550e8400-e29b-41d4-a716-446655440000', 'ETL data pipeline'],
    ['build deadbeef01 20261122', 'build'],
    ['Größe_straße', 'Größe straße'],
  ])('reads %j as %j', (value, words) => {
    expect(wordsOf(value)).toBe(words);
  });
});

describe('resourceText', () => {
  it('says what it is, what it is called, what it is for and where', () => {
    expect(resourceText(parts)).toBe(
      'EC2 instance, virtual machine, server. named checkout web production 01. t3.large. Team payments. state running. Ireland, Europe',
    );
  });

  it('leaves out the state that most things have, and says of an alarm what it does', () => {
    expect(resourceText({ ...parts, state: 'available' })).not.toContain('available');
    expect(resourceText({ ...parts, state: 'ALARM' })).toContain('firing');
  });

  it('does without name, tags and state', () => {
    expect(
      resourceText({
        ...parts,
        name: null,
        tags: null,
        state: null,
        region: 'global',
        searchWords: [],
      }),
    ).toBe('EC2 instance, virtual machine, server');
  });

  it('does not depend on the order of tags', () => {
    const tags = { b: 'two', a: 'one' };
    const reversed = { a: 'one', b: 'two' };
    expect(resourceText({ ...parts, tags })).toBe(resourceText({ ...parts, tags: reversed }));
  });

  it('holds no ARN, no AWS id and no more than 1,000 characters, whatever the tags are', () => {
    const id = fc.stringMatching(/^[0-9a-f]{17}$/u);
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 256 }),
      id.map((hex) => `i-${hex}`),
      id.map((hex) => `arn:aws:ec2:eu-west-1:123456789012:instance/i-${hex}`),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 128 }), value, { maxKeys: 50 }),
        value,
        (tags, name) => {
          const text = resourceText({ ...parts, tags, name });
          expect(text.length).toBeLessThanOrEqual(1000);
          expect(text).not.toMatch(/arn:aws|i-[0-9a-f]{17}/u);
        },
      ),
    );
  });
});

describe('placeOf', () => {
  it('lets a region that it does not know stand alone', () => {
    expect(placeOf('eu-central-1')).toBe('Frankfurt, Germany, Europe');
    expect(placeOf('xx-new-9')).toBe('xx-new-9');
    expect(placeOf('global')).toBe('');
  });
});
