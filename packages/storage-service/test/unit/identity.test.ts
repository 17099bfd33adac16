import { expect, it } from 'vitest';
import { estateKey, pointId } from 'cloudops-storage-service';

it('makes the key of a resource from account, region and id', () => {
  expect(estateKey({ account_id: '1', region: 'eu-west-1', resource_id: 'ec2:instance/i-1' })).toBe(
    '1-eu-west-1-ec2:instance/i-1',
  );
});

it('makes the same UUID of version 5 from the same key for ever', () => {
  // A changed value here would orphan the points of every existing store.
  expect(pointId('1-eu-west-1-ec2:instance/i-1')).toBe('3b5ff9a8-ee90-56ee-a515-f0ae0f8079bb');
  expect(pointId('a')).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u,
  );
  expect(pointId('a')).not.toBe(pointId('b'));
});
