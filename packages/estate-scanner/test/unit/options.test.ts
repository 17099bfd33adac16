import { describe, expect, it } from 'vitest';
import { optionsFromEnv } from '../../src/options-from-env.ts';
import { resolveSelection, resolveSettings } from '../../src/options.ts';
import type { EstateStore } from '../../src/ports.ts';
import type { ServiceScannerRegistry } from '../../src/registry.ts';
import { EstateScanner } from '../../src/scanner.ts';

const engine = { run: () => Promise.reject(new Error('nothing runs here')) };
const invalid = (path: string) =>
  expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining(path) });

describe('resolveSettings', () => {
  it('fills in every default', () => {
    expect(resolveSettings({ engine })).toEqual({
      concurrency: { accounts: 1, regions: 10, services: 10, resources: 100 },
      retry: { maxAttempts: 10, initialDelayMs: 500, multiplier: 2, maxDelayMs: 4_000 },
      batchSize: 100,
      itemsPerCall: 1000,
      callTimeoutMs: 300_000,
      maxOutputBytes: 268_435_456,
      defaults: {},
    });
  });

  it('says where an option is wrong', () => {
    expect(() => new EstateScanner({ engine, batchSize: 0 })).toThrow(invalid('batchSize'));
    expect(() => new EstateScanner({ engine, concurrency: { regions: -1 } })).toThrow(
      invalid('concurrency.regions'),
    );
    expect(() => new EstateScanner({ engine, iam: { endpoint: 'nowhere' } })).toThrow(
      invalid('endpoint'),
    );
    const broken: EstateStore = JSON.parse('{}');
    expect(() => new EstateScanner({ engine, store: broken })).toThrow(invalid('upsert()'));
    const list: ServiceScannerRegistry = JSON.parse('[]');
    expect(() => new EstateScanner({ engine, registry: list })).toThrow(
      invalid('must be a ServiceScannerRegistry'),
    );
  });
});

describe('resolveSelection', () => {
  it('refuses regions, accounts and services that are none', () => {
    expect(() => resolveSelection({ regions: ['EU WEST'] })).toThrow(invalid('regions[0]'));
    expect(() => resolveSelection({ accounts: [{ account_id: '12' }] })).toThrow(
      invalid('accounts[0]'),
    );
    expect(() => resolveSelection({ services: [] })).toThrow(invalid('services'));
  });
});

describe('scan', () => {
  it('rejects for a service that nobody scans, naming those there are', async () => {
    await expect(new EstateScanner({ engine }).scan({ services: ['sqs'] })).rejects.toMatchObject({
      code: 'UNKNOWN_SERVICE',
      message: expect.stringContaining('ec2, rds, s3, lambda, vpc'),
    });
  });
});

describe('optionsFromEnv', () => {
  it('reads numbers, lists and the IAM endpoint', () => {
    const options = optionsFromEnv({
      CLOUDOPS_SCAN_REGIONS: 'eu-*, us-east-1',
      CLOUDOPS_SCAN_SERVICES: 'ec2',
      CLOUDOPS_SCAN_PROFILES: 'prod',
      CLOUDOPS_SCAN_REGIONS_AT_ONCE: '3',
      CLOUDOPS_SCAN_RETRY_MAX_ATTEMPTS: '2',
      CLOUDOPS_SCAN_BATCH_SIZE: '50',
      CLOUDOPS_IAM: 'http://127.0.0.1:1',
    });
    expect(options).toEqual({
      concurrency: { regions: 3 },
      retry: { maxAttempts: 2 },
      batchSize: 50,
      iam: { endpoint: 'http://127.0.0.1:1' },
      defaults: {
        regions: ['eu-*', 'us-east-1'],
        services: ['ec2'],
        accounts: [{ profile: 'prod' }],
      },
    });
    expect(resolveSettings({ engine, ...options }).concurrency.regions).toBe(3);
  });

  it('sets nothing from an empty environment, and turns IAM off', () => {
    expect(optionsFromEnv({})).toEqual({ concurrency: {}, retry: {}, defaults: {} });
    expect(optionsFromEnv({ CLOUDOPS_IAM: 'off' }).iam).toBe(false);
  });

  it('refuses a number that is none', () => {
    expect(() => optionsFromEnv({ CLOUDOPS_SCAN_BATCH_SIZE: 'many' })).toThrow(
      invalid('CLOUDOPS_SCAN_BATCH_SIZE'),
    );
  });
});
