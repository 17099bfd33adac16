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
  expect(queue.used).toBe(0);
});

it('lets go of who stops waiting, and of nobody while paused', async () => {
  const queue = new SlotQueue(1);
  queue.pause();
  const abort = new AbortController();
  const first = queue.acquire(0, abort.signal);
  const second = queue.acquire(0, never);
  abort.abort();
  expect(await first).toBeNull();
  expect(queue.used).toBe(0);
  queue.resume();
  expect(await second).toBeTypeOf('function');
});
