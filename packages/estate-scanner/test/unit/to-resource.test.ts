import { describe, expect, it } from 'vitest';
import { Resource } from '../../src/resource.ts';
import { vpcResource } from '../support/resources.ts';

describe('toResource', () => {
  it('makes key, text and hash, and validates against the published schema', () => {
    const resource = vpcResource();
    expect(Resource.parse(resource)).toEqual(resource);
    expect(resource).toMatchObject({
      key: '123456789012-eu-west-1-ec2:vpc/vpc-1',
      service: 'ec2',
      resource_id: 'ec2:vpc/vpc-1',
      visible_from: ['123456789012'],
      permissions: null,
    });
  });

  it('belongs to its owner and is visible from the account that was scanned', () => {
    expect(vpcResource({ account_id: '210987654321' })).toMatchObject({
      key: '210987654321-eu-west-1-ec2:vpc/vpc-1',
      account_id: '210987654321',
      visible_from: ['123456789012'],
    });
  });

  it('makes keys of edges by type and id, keeps other targets, and drops doubles', () => {
    const edge = { type: 'in_vpc', resource_type: 'ec2:vpc', id: 'vpc-9' };
    const { relations } = vpcResource({
      relations: [
        { type: 'encrypted_by', target: 'arn:aws:kms:eu-west-1:1:key/k' },
        edge,
        edge,
        { ...edge, account_id: '210987654321', region: 'us-east-1' },
      ],
    });
    expect(relations).toEqual([
      { type: 'encrypted_by', target: 'arn:aws:kms:eu-west-1:1:key/k' },
      { type: 'in_vpc', target: '123456789012-eu-west-1-ec2:vpc/vpc-9' },
      { type: 'in_vpc', target: '210987654321-us-east-1-ec2:vpc/vpc-9' },
    ]);
  });

  it('tells unknown tags from none', () => {
    expect(vpcResource({ tags: null }).tags).toBeNull();
    expect(vpcResource({ tags: {} }).tags).toEqual({});
  });

  it('refuses what is no resource, and a type that the scanner did not announce', () => {
    const refused = expect.objectContaining({ name: 'ScanError', code: 'INVALID_SCANNER' });
    expect(() => vpcResource({ id: '' })).toThrow(refused);
    expect(() => vpcResource({ resource_type: 'sqs:queue' })).toThrow(refused);
  });
});
