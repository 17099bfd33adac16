import { readdir, readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AwsCliRequest, CommandRunner } from '../../src/ports.ts';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { lambdaScanner } from '../../src/scanners/lambda.ts';
import { s3Scanner } from '../../src/scanners/s3.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { awsCall } from '../support/fake-estate.ts';
import { caller, inAccount, production, staging } from '../support/many-accounts.ts';
import { MemoryStore } from '../support/memory-store.ts';

const role_arn = `arn:aws:iam::${production}:role/ops/Scanner`;
const regions = ['eu-west-1'];
const registry = new ServiceScannerRegistry().register(s3Scanner, lambdaScanner);
let estate: FakeEstate;

beforeAll(async () => {
  estate = await startFakeEstate();
  await awsCall(estate.engine, 'us-east-1', 's3api', 'create-bucket', { Bucket: 'own-bucket' });
  await inAccount(estate, production, 's3api', 'create-bucket', {
    Bucket: 'production-bucket',
    CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
  });
});
afterEach(() => {
  estate.aws.faults.clear();
});
afterAll(async () => {
  await estate[Symbol.asyncDispose]();
});

/** Notes what the engine is asked to run. */
function recorded(): { engine: CommandRunner; requests: AwsCliRequest[]; secrets: string[] } {
  const requests: AwsCliRequest[] = [];
  const secrets: string[] = [];
  return {
    requests,
    secrets,
    engine: {
      run(request, options) {
        requests.push(request);
        return estate.engine.run(request, options);
      },
      registerSecret(value) {
        secrets.push(value);
        estate.engine.registerSecret(value);
      },
    },
  };
}

const names = (store: MemoryStore) =>
  [...store.records.values()].map(({ account_id, name }) => `${account_id} ${String(name)}`).sort();

describe('an assumed role', () => {
  it('is what the account is read with, and says until when', async () => {
    const store = new MemoryStore();
    const { engine, requests, secrets } = recorded();
    const scanner = new EstateScanner({ engine, store, registry, iam: false });
    const account = {
      role_arn,
      external_id: 'ext-1',
      session_name: 'nightly',
      duration_seconds: 900,
    };
    const report = await scanner.scan({ accounts: [account], regions });
    expect(report).toMatchObject({ status: 'complete', errors: [] });
    expect(names(store)).toEqual([`${production} production-bucket`]);
    expect(report.user_context).toMatchObject({
      account_id: production,
      type: 'role',
      user_name: 'nightly',
      caller_arn: `arn:aws:sts::${production}:assumed-role/Scanner/nightly`,
    });
    const expiresAt = Date.parse(report.user_context?.session_expires_at ?? '');
    expect(Math.abs(expiresAt - Date.now() - 900_000)).toBeLessThan(120_000);
    expect(report.accounts[0]).toMatchObject({ role_arn, profile: null, account_id: production });

    const assuming = requests.filter(({ command }) => command.operation === 'assume-role');
    expect(assuming).toHaveLength(1);
    expect(assuming[0]?.command.args?.at(-1)).toContain('"ExternalId":"ext-1"');
    expect(secrets).toHaveLength(2);
    for (const request of requests.filter(({ command }) => command.operation !== 'assume-role')) {
      expect(request.env?.['AWS_SECRET_ACCESS_KEY']).toBe(secrets[0]);
      expect(request.secrets).toContain('AWS_SESSION_TOKEN');
      expect(request.log).toBe(false);
      expect(JSON.stringify(request.command)).not.toContain(secrets[0]);
    }
    // Nothing of the keys is in any file that the engine writes, and nothing in the report.
    const logs = await Promise.all(
      (await readdir(estate.logDir, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        // What the keeper has removed meanwhile is in no file any more.
        .map((entry) => readFile(`${entry.parentPath}/${entry.name}`, 'utf8').catch(() => '')),
    );
    expect(logs.join('')).not.toBe('');
    const written = logs.join('') + JSON.stringify(report);
    for (const secret of secrets) {
      expect(written).not.toContain(secret);
      expect(written).not.toContain(secret.split('').toReversed().join(''));
    }
  });

  it('asks IAM with its own credentials', async () => {
    const scanner = new EstateScanner({
      engine: estate.engine,
      registry: new ServiceScannerRegistry().register(s3Scanner),
      iam: { endpoint: estate.aws.endpointUrl, retry: { maxAttempts: 1 } },
    });
    const report = await scanner.scan({ accounts: [{ role_arn }], regions });
    // moto has no such role in that account: asked there, it says so; asked with the caller's keys it would look elsewhere.
    expect(report.errors.map(({ code }) => code)).toEqual(['principal_not_found']);
    expect(report.iam_calls).toBe(1);
  });

  it('is renewed before it ends', async () => {
    let clock = Date.now();
    const { engine, requests } = recorded();
    const ticking: CommandRunner = {
      run: (request, options) => {
        if (request.command.operation === 'get-caller-identity') clock += 12 * 60_000;
        return engine.run(request, options);
      },
    };
    const scanner = new EstateScanner({ engine: ticking, registry, iam: false, now: () => clock });
    const account = { role_arn, duration_seconds: 900 };
    const report = await scanner.scan({ accounts: [account], regions });
    expect(report.status).toBe('complete');
    const assumed = requests.filter(({ command }) => command.operation === 'assume-role');
    // moto's clock does not jump with ours: every further call finds a session that is about to end.
    expect(assumed.length).toBeGreaterThan(1);
  });

  it('is assumed anew once AWS says that its session has ended', async () => {
    estate.aws.faults.add({ kind: 'expire_credentials', operation: 'ListFunctions', times: 1 });
    const { engine, requests } = recorded();
    const scanner = new EstateScanner({ engine, registry, iam: false });
    const report = await scanner.scan({ accounts: [{ role_arn }], regions });
    expect(report).toMatchObject({ status: 'complete', errors: [] });
    const assumed = requests.filter(({ command }) => command.operation === 'assume-role');
    expect(assumed).toHaveLength(2);
  });

  it('that is refused, or is of another account than asked for, leaves the others as they are', async () => {
    const forbidden = `arn:aws:iam::${staging}:role/Forbidden`;
    const parameters = { RoleArn: forbidden };
    estate.aws.faults.add({ kind: 'deny', operation: 'AssumeRole', parameters });
    const store = new MemoryStore();
    const scanner = new EstateScanner({ engine: estate.engine, store, registry, iam: false });
    const report = await scanner.scan({
      accounts: [{ role_arn: forbidden }, { role_arn, account_id: staging }, {}],
      regions: ['us-east-1'],
      accountConcurrency: 3,
    });
    expect(report.status).toBe('partial');
    expect(
      report.accounts.map(({ account_id, status }) => `${String(account_id)} ${status}`).sort(),
    ).toEqual([`${caller} complete`, `${production} failed`, `${staging} failed`]);
    expect(
      report.errors.map(({ code, account_id }) => `${code} ${String(account_id)}`).sort(),
    ).toEqual([`ACCOUNT_MISMATCH ${production}`, `AccessDenied ${staging}`]);
    expect(names(store)).toEqual([`${caller} own-bucket`]);
  });
});

describe('credentials of one’s own', () => {
  it('come from a function, and what it throws ends the account with its message', async () => {
    const store = new MemoryStore();
    const scanner = new EstateScanner({ engine: estate.engine, store, registry, iam: false });
    const keys = estate.iam.credentials;
    if (keys === undefined || typeof keys === 'function') throw new Error('the fake has keys');
    const expiration = new Date(Date.now() + 3_600_000);
    const given = () => Promise.resolve({ ...keys, expiration });
    const report = await scanner.scan({
      accounts: [{ credentials: given }],
      regions: ['us-east-1'],
    });
    expect(report.status).toBe('complete');
    expect(report.user_context?.session_expires_at).toBe(expiration.toISOString());
    const broken = () => Promise.reject(new Error('vault is sealed'));
    const failed = await scanner.scan({ accounts: [{ credentials: broken }], regions });
    expect(failed).toMatchObject({
      status: 'failed',
      errors: [
        {
          kind: 'configuration',
          code: 'CredentialSource',
          message: expect.stringContaining('vault is sealed'),
        },
      ],
    });
  });
});

describe('an organization', () => {
  it('is scanned account by account, without those that are closed or refuse', async () => {
    const { engine } = estate;
    const call = (operation: string, parameters: object) =>
      awsCall(engine, 'us-east-1', 'organizations', operation, parameters);
    await call('create-organization', { FeatureSet: 'ALL' });
    const ids: string[] = [];
    for (const name of ['web', 'data', 'old', 'locked']) {
      const made = await call('create-account', {
        AccountName: name,
        Email: `${name}@example.com`,
      });
      ids.push(/"AccountId": ?"(\d{12})"/u.exec(JSON.stringify(made))?.[1] ?? '');
    }
    const [web = '', data = '', old = '', locked = ''] = ids;
    await call('close-account', { AccountId: old });
    await inAccount(estate, web, 's3api', 'create-bucket', {
      Bucket: 'web-bucket',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    });
    const parameters = { RoleArn: `arn:aws:iam::${locked}:role/Audit` };
    estate.aws.faults.add({ kind: 'deny', operation: 'AssumeRole', parameters });

    const store = new MemoryStore();
    const scanner = new EstateScanner({ engine, store, registry, iam: false });
    const organization = { role_name: 'Audit', external_id: 'ext-2' };
    const report = await scanner.scan({ organization, regions: ['us-east-1', 'eu-west-1'] });
    const ends = Object.fromEntries(
      report.accounts.map(({ account_id, status }) => [account_id, status]),
    );
    expect(ends).toEqual({
      [caller]: 'complete',
      [web]: 'complete',
      [data]: 'complete',
      [locked]: 'failed',
    });
    expect(report.status).toBe('partial');
    expect(
      report.errors
        .map(({ code, level, account_id }) => `${level} ${code} ${String(account_id)}`)
        .sort(),
    ).toEqual([`error AccessDenied ${locked}`, `warning ACCOUNT_SUSPENDED ${old}`]);
    expect(names(store)).toEqual([`${caller} own-bucket`, `${web} web-bucket`].sort());

    const narrow = await scanner.scan({
      organization: { ...organization, include: [web, '999999999999'] },
      regions: ['us-east-1'],
    });
    expect(narrow.accounts.map(({ account_id }) => account_id)).toEqual([web]);
    expect(narrow.errors.map(({ code }) => code)).toEqual(['ACCOUNT_MISMATCH']);
  });

  it('that may not be listed is a failed account, with the reason', async () => {
    estate.aws.faults.add({ kind: 'deny', operation: 'ListAccounts' });
    const scanner = new EstateScanner({ engine: estate.engine, registry, iam: false });
    const report = await scanner.scan({ organization: { role_name: 'Audit' }, regions });
    expect(report).toMatchObject({
      status: 'failed',
      scopes: [],
      errors: [{ kind: 'denied', account_id: caller }],
      accounts: [{ account_id: caller, status: 'failed' }],
    });
  });
});
