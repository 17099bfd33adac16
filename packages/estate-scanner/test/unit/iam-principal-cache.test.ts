import { describe, expect, it } from 'vitest';
import type { Principal } from '../../src/iam/principal.ts';
import { roleOf } from '../../src/iam/principal.ts';
import { PrincipalCache } from '../../src/iam/principal-cache.ts';

const principal: Principal = { arn: 'arn:aws:iam::1:role/a', partition: 'aws', failure: null };

/** A cache whose lookups end as they are told, one after another. */
function cacheWith(...endings: (() => Promise<Principal>)[]) {
  const cache = new PrincipalCache();
  let asked = 0;
  let now = 0;
  const get = () =>
    cache.get(
      'role',
      1000,
      () => now,
      () => {
        asked += 1;
        return (endings.shift() ?? (() => Promise.resolve(principal)))();
      },
    );
  return { get, asked: () => asked, wait: (ms: number) => void (now += ms) };
}

describe('PrincipalCache', () => {
  it('asks once for callers at the same time and after, until the answer is too old', async () => {
    const { get, asked, wait } = cacheWith();
    await Promise.all([get(), get()]);
    await get();
    expect(asked()).toBe(1);
    wait(1000);
    await get();
    expect(asked()).toBe(2);
  });

  it('asks again after a failure', async () => {
    const failure = { reason: 'throttled', code: 'Throttling', message: 'slow' } as const;
    const { get, asked } = cacheWith(() => Promise.resolve({ ...principal, failure }));
    expect((await get()).failure).toEqual(failure);
    expect((await get()).failure).toBeNull();
    expect(asked()).toBe(2);
  });

  it('does not let one caller that was aborted take the answer from another', async () => {
    const { get, asked } = cacheWith(() => Promise.reject(new Error('aborted')));
    const [first, second] = await Promise.allSettled([get(), get()]);
    expect(first).toMatchObject({ status: 'rejected' });
    expect(second).toMatchObject({ status: 'fulfilled', value: principal });
    expect(asked()).toBe(2);
  });
});

describe('roleOf', () => {
  it('leaves out the name of the session alone', () => {
    expect(roleOf('arn:aws:sts::1:assumed-role/a/s-1')).toBe('arn:aws:sts::1:assumed-role/a');
    expect(roleOf('arn:aws:iam::1:user/staff/a')).toBe('arn:aws:iam::1:user/staff/a');
  });
});
