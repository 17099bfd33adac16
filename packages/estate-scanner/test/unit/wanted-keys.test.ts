import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resourceKey } from '../../src/resource.ts';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import { WantedKeys, parseKey } from '../../src/scan/wanted-keys.ts';

const registry = ServiceScannerRegistry.builtIn();
const account_id = '123456789012';

describe('parseKey', () => {
  it('takes apart what resourceKey puts together', () => {
    const region = fc.constantFrom(
      'eu-west-1',
      'us-gov-east-1',
      'us-isob-east-1',
      'global',
      'ap-southeast-4',
    );
    const resource_type = fc.constantFrom(
      'ec2:instance',
      'ec2:security-group',
      'resource-groups:group',
      'states:stateMachine',
    );
    const id = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(fc.record({ region, resource_type, id }), (parts) => {
        const key = resourceKey({ account_id, ...parts });
        expect(parseKey(key)).toEqual({ key, account_id, ...parts });
      }),
    );
  });

  it.each([
    '',
    'i-1',
    '123-eu-west-1-ec2:vpc/v',
    `${account_id}-nowhere-ec2:vpc/v`,
    `${account_id}-eu-west-1-ec2:vpc/`,
  ])('refuses %j', (key) => {
    expect(() => parseKey(key)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});

describe('WantedKeys', () => {
  const wanted = new WantedKeys(
    [
      `${account_id}-eu-west-1-ec2:instance/i-1`,
      `${account_id}-eu-west-1-ec2:instance/i-2`,
      `${account_id}-eu-west-1-ec2:subnet/subnet-1`,
      `${account_id}-eu-west-1-s3:bucket/b`,
      `${account_id}-eu-west-1-sqs:queue/q`,
    ],
    registry,
  );

  it('names the scopes to scan, global services once', () => {
    expect(wanted.scopes(account_id)).toEqual([
      { account_id, region: 'eu-west-1', service: 'ec2' },
      { account_id, region: 'eu-west-1', service: 'vpc' },
      { account_id, region: 'global', service: 's3' },
    ]);
    expect(wanted.scopes('210987654321')).toEqual([]);
  });

  it('narrows each scope to its ids and tells what was not seen', () => {
    const scope = { account_id, region: 'eu-west-1', service: 'ec2' };
    expect(wanted.ids(scope, 'ec2:instance')).toEqual(['i-1', 'i-2']);
    expect(wanted.ids(scope, 'ec2:vpc')).toEqual([]);
    const first = `${account_id}-eu-west-1-ec2:instance/i-1`;
    expect(wanted.missing(scope, new Set([first]))).toEqual({
      gone: [expect.objectContaining({ key: `${account_id}-eu-west-1-ec2:instance/i-2` })],
      hidden: [],
    });
  });

  it('sets keys aside that no scanner yields', () => {
    expect(wanted.unknown.map(({ key }) => key)).toEqual([`${account_id}-eu-west-1-sqs:queue/q`]);
  });
});
