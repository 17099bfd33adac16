import { expect, it } from 'vitest';
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
