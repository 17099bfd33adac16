import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EstateScanner } from '../../src/scanner.ts';
import { awsCall, type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { addFunctionParts } from '../support/function-parts.ts';
import { MemoryStore } from '../support/memory-store.ts';

const region = 'eu-west-3';
const FunctionName = 'last-one';
let estate: FakeEstate;

const call = (service: string, operation: string, parameters: object) =>
  awsCall(estate.engine, region, service, operation, parameters);

beforeAll(async () => {
  estate = await startFakeEstate();
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' } };
  const Statement = [{ ...trust, Action: 'sts:AssumeRole' }];
  await call('iam', 'create-role', {
    RoleName: 'runner',
    AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
  });
  await call('lambda', 'create-function', {
    FunctionName,
    Runtime: 'python3.13',
    Role: 'arn:aws:iam::123456789012:role/runner',
    Handler: 'main.handle',
    // A zip file with nothing in it.
    Code: { ZipFile: `UEsFBg${'A'.repeat(24)}==` },
  });
  await addFunctionParts(estate, region, FunctionName);
});
afterAll(() => estate[Symbol.asyncDispose]());

describe('what feeds a function', () => {
  it('is there when the last function of its region is gone, and missing once it is gone itself', async () => {
    const options = { regions: [region], services: ['lambda'] };
    const store = new MemoryStore();
    const scanner = new EstateScanner({ engine: estate.engine, store, iam: false });
    const found = await scanner.scan(options);
    expect(found).toMatchObject({ errors: [], counts: { created: 2 } });
    await call('lambda', 'delete-function', { FunctionName });

    const orphaned = await scanner.scan(options);
    const prefix = `123456789012-${region}-lambda:`;
    expect(orphaned.differences.missing).toEqual([`${prefix}function/${FunctionName}`]);
    const [mapping] = store.ofType('lambda:event-source-mapping');
    await call('lambda', 'delete-event-source-mapping', {
      UUID: mapping?.resource_id.split('/')[1],
    });
    expect((await scanner.scan(options)).differences.missing).toEqual([mapping?.key]);
  });
});
