import { expect, it } from 'vitest';
import { IdempotencyStore } from '../../src/idempotency.ts';

const answer = { status: 200, contentType: 'application/json', body: '{}' };

function finish(store: IdempotencyStore, key: string): void {
  const claim = store.claim(key, 'body');
  if (claim.kind !== 'new') throw new Error(claim.kind);
  claim.finish(answer);
}

it('forgets an answer after its time', () => {
  let now = 0;
  const store = new IdempotencyStore({ ttlMs: 1000, now: () => now });
  finish(store, 'a');
  now = 999;
  expect(store.claim('a', 'body')).toEqual({ kind: 'replay', answer });
  now = 1001;
  expect(store.claim('a', 'other body').kind).toBe('new');
});

it('drops the oldest answer where there are too many, and never one in flight', () => {
  const store = new IdempotencyStore({ maxKeys: 2 });
  expect(store.claim('in flight', 'body').kind).toBe('new');
  finish(store, 'a');
  finish(store, 'b');
  expect(store.claim('in flight', 'body').kind).toBe('in_flight');
  expect(store.claim('b', 'body').kind).toBe('replay');
  expect(store.claim('a', 'body').kind).toBe('new');
  expect(store.claim('c', 'body').kind).toBe('full');
});
