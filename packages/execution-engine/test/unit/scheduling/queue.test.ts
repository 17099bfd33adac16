import { expect, it } from 'vitest';
import { SlotQueue } from '../../../src/scheduling/queue.ts';

const never = new AbortController().signal;

it('gives slots by priority, then in order, and never more than there are', async () => {
  const queue = new SlotQueue(1);
  const first = await queue.acquire(0, never);
  const order: string[] = [];
  const ask = async (name: string, priority: number) => {
    const release = await queue.acquire(priority, never);
    order.push(name);
    release?.();
  };
  const asked = [ask('a', 0), ask('b', 5), ask('c', 0), ask('d', 5), ask('e', -1)];
  expect(queue.waiting).toBe(5);
  first?.();
  first?.();
  await Promise.all(asked);
  expect(order).toEqual(['b', 'd', 'a', 'c', 'e']);
  expect(queue.holders).toBe(0);
});

it('gives parts of slots, asks for how much when the turn has come, and lets nobody be overtaken', async () => {
  const queue = new SlotQueue(2);
  const first = await queue.acquire(0, never);
  let share = 1;
  const small = [1, 2, 3, 4, 5].map(() => queue.acquire(0, never, () => share));
  const gaveUp = new AbortController();
  const large = queue.acquire(0, gaveUp.signal);
  const last = queue.acquire(0, never, () => 0.25);
  await small[0];
  expect([queue.holders, queue.waiting]).toEqual([2, 6]);
  share = 0.25;
  first?.();
  await Promise.all(small);
  // The first of them took a whole one.
  expect([queue.holders, queue.waiting]).toEqual([5, 2]);
  (await small[4])?.();
  expect([queue.holders, queue.waiting]).toEqual([4, 2]);
  gaveUp.abort();
  expect(await large).toBeNull();
  for (const slot of [...small, last]) (await slot)?.();
  expect([queue.holders, queue.waiting]).toEqual([0, 0]);
});

it('lets go of who stops waiting, and of nobody while paused', async () => {
  const queue = new SlotQueue(1);
  queue.pause();
  const abort = new AbortController();
  const first = queue.acquire(0, abort.signal);
  const second = queue.acquire(0, never);
  abort.abort();
  expect(await first).toBeNull();
  expect(queue.holders).toBe(0);
  queue.resume();
  expect(await second).toBeTypeOf('function');
});

it('serves 20,000 that wait, and lets as many go that give up', async () => {
  const queue = new SlotQueue(1);
  const first = await queue.acquire(0, never);
  const gaveUp = Array.from({ length: 20_000 }, (_, at) => {
    const abort = new AbortController();
    return { abort, slot: queue.acquire(at % 7, abort.signal) };
  });
  let served = 0;
  const patient = Array.from({ length: 20_000 }, async (_, at) => {
    const release = await queue.acquire(at % 5, new AbortController().signal);
    served += 1;
    release?.();
  });
  expect(queue.waiting).toBe(40_000);
  for (const { abort } of gaveUp) abort.abort();
  expect(await Promise.all(gaveUp.map(({ slot }) => slot))).toEqual(gaveUp.map(() => null));
  first?.();
  await Promise.all(patient);
  expect([served, queue.holders, queue.waiting]).toEqual([20_000, 0, 0]);
});
