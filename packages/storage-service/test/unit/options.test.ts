import { describe, expect, it } from 'vitest';
import { optionsFromEnv } from 'cloudops-storage-service';

it('reads the path and the key source from the environment', () => {
  const base = { CLOUDOPS_STORAGE_PATH: '/data/store.db' };
  const kindOf = (keys: string) =>
    optionsFromEnv({ ...base, CLOUDOPS_STORAGE_KEYS: keys }).keys.kind;
  expect(['keychain', 'none', 'env:KEY', 'file:/k'].map(kindOf)).toEqual([
    'os-keychain',
    'none',
    'env',
    'file',
  ]);
  expect(optionsFromEnv({ ...base, CLOUDOPS_STORAGE_KEYS: 'none' }).backend).toEqual({
    kind: 'embedded',
    path: '/data/store.db',
  });
});

it('reads the address of a Qdrant server', () => {
  const environment = {
    CLOUDOPS_STORAGE_QDRANT_URL: 'https://q:6333',
    CLOUDOPS_STORAGE_KEYS: 'none',
  };
  expect(optionsFromEnv(environment).backend).toEqual({
    kind: 'qdrant',
    url: 'https://q:6333',
    apiKey: null,
  });
  expect(() => optionsFromEnv({ ...environment, CLOUDOPS_STORAGE_PATH: 'x' })).toThrow(
    'one of them',
  );
});

it('names the variable that is missing or wrong', () => {
  expect(() => optionsFromEnv({})).toThrow('CLOUDOPS_STORAGE_PATH');
  for (const keys of [undefined, '', 'env:', 'key', 'file']) {
    expect(() =>
      optionsFromEnv({ CLOUDOPS_STORAGE_PATH: 'x', CLOUDOPS_STORAGE_KEYS: keys }),
    ).toThrow('CLOUDOPS_STORAGE_KEYS');
  }
});

describe('backups from the environment', () => {
  const backupOf = (variables: Record<string, string>) => {
    const base = { CLOUDOPS_STORAGE_PATH: 'x', CLOUDOPS_STORAGE_KEYS: 'none' };
    const named = Object.entries(variables).map(([name, value]) => [
      `CLOUDOPS_STORAGE_BACKUP_${name}`,
      value,
    ]);
    return optionsFromEnv({ ...base, ...Object.fromEntries(named) }).backup;
  };

  it('reads a folder or a bucket with all that belongs to it', () => {
    expect(backupOf({})).toBeUndefined();
    expect(backupOf({ FOLDER: '/backups', BUCKET: '' })).toEqual({
      target: { kind: 'folder', path: '/backups' },
    });
    expect(
      backupOf({
        BUCKET: 'b',
        PREFIX: 'p/',
        REGION: 'eu-west-1',
        ENDPOINT: 'http://127.0.0.1:9000',
        PATH_STYLE: 'false',
        CHECKSUMS: 'WHEN_REQUIRED',
        RETENTION: 'keep_last=3, daily=7,monthly=0',
        SCHEDULE: '0 3 * * *',
      }),
    ).toEqual({
      target: {
        kind: 's3',
        bucket: 'b',
        prefix: 'p/',
        region: 'eu-west-1',
        endpoint: 'http://127.0.0.1:9000',
        forcePathStyle: false,
        checksums: 'WHEN_REQUIRED',
      },
      retention: { keep_last: 3, daily: 7, monthly: 0 },
      schedule: '0 3 * * *',
    });
  });

  it.each([
    ['FOLDER', { FOLDER: '/b', BUCKET: 'b' }],
    ['SCHEDULE', { SCHEDULE: '0 3 * * *' }],
    ['RETENTION', { RETENTION: 'daily=7' }],
    ['PREFIX', { FOLDER: '/b', PREFIX: 'p/' }],
    ['CHECKSUMS', { BUCKET: 'b', CHECKSUMS: 'when_required' }],
    ['PATH_STYLE', { BUCKET: 'b', PATH_STYLE: 'yes' }],
    ['RETENTION', { FOLDER: '/b', RETENTION: 'daily=7,daily=8' }],
    ['RETENTION', { FOLDER: '/b', RETENTION: 'yearly=1' }],
    ['RETENTION', { FOLDER: '/b', RETENTION: 'daily=-1' }],
    ['RETENTION', { FOLDER: '/b', RETENTION: '7' }],
  ])('names %s where it makes no sense: %o', (name, variables) => {
    expect(() => backupOf(variables)).toThrow(`CLOUDOPS_STORAGE_BACKUP_${name}: `);
  });
});
