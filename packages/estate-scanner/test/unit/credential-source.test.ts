import { describe, expect, it } from 'vitest';
import { CredentialSource } from '../../src/aws/credential-source.ts';
import type { AwsCredentials } from '../../src/aws/credentials.ts';

const minute = 60_000;

function sourceOf(lifeMs: number | null) {
  let clock = 0;
  let made = 0;
  const told: string[] = [];
  const find = (): Promise<AwsCredentials> => {
    made += 1;
    return Promise.resolve({
      accessKeyId: `key-${made}`,
      secretAccessKey: `secret-${made}`,
      ...(lifeMs !== null && { expiration: new Date(clock + lifeMs) }),
    });
  };
  const source = new CredentialSource(
    find,
    () => clock,
    ({ secretAccessKey }) => told.push(secretAccessKey),
  );
  const key = async () => (await source.credentials()).accessKeyId;
  return { source, key, told, pass: (ms: number) => (clock += ms) };
}

describe('CredentialSource', () => {
  it('finds credentials once for all who ask at the same time, and tells of them before they are used', async () => {
    const { key, told } = sourceOf(60 * minute);
    expect(await Promise.all([key(), key(), key()])).toEqual(['key-1', 'key-1', 'key-1']);
    expect(told).toEqual(['secret-1']);
  });

  it('gets new ones five minutes before they end, and keeps those that never do', async () => {
    const ending = sourceOf(60 * minute);
    await ending.key();
    ending.pass(54 * minute);
    expect(await ending.key()).toBe('key-1');
    ending.pass(2 * minute);
    expect(await Promise.all([ending.key(), ending.key()])).toEqual(['key-2', 'key-2']);
    const lasting = sourceOf(null);
    await lasting.key();
    lasting.pass(1e12);
    expect(await lasting.key()).toBe('key-1');
    expect(lasting.source.expiresAt).toBeNull();
  });

  it('gets new ones once for all whose old ones were refused', async () => {
    const { source, key } = sourceOf(60 * minute);
    const old = await source.credentials();
    source.expired(old);
    expect(await key()).toBe('key-2');
    source.expired(old);
    expect(await key()).toBe('key-2');
  });

  it('asks again after a failure', async () => {
    let isDown = true;
    const source = new CredentialSource(
      () =>
        isDown
          ? Promise.reject(new Error('down'))
          : Promise.resolve({ accessKeyId: 'key', secretAccessKey: 'secret' }),
      Date.now,
      () => undefined,
    );
    await expect(source.credentials()).rejects.toThrow('down');
    isDown = false;
    expect((await source.credentials()).accessKeyId).toBe('key');
  });
});
