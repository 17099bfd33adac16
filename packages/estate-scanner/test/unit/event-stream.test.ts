import { describe, expect, it } from 'vitest';
import type { ScanEvent } from '../../src/events.ts';
import { EventStream } from '../../src/scan/event-stream.ts';
import { collect } from '../support/collect.ts';

const event = (completed: number): ScanEvent => ({
  type: 'progress',
  completed,
  total: 0,
  resources: 0,
});

describe('EventStream', () => {
  it('yields events in order, also those from before anyone read, up to its end', async () => {
    const stream = new EventStream();
    stream.emit(event(1));
    const reading = collect(stream.read());
    stream.emit(event(2));
    await Promise.resolve();
    stream.emit(event(3));
    stream.end();
    expect(await reading).toEqual([event(1), event(2), event(3)]);
  });

  it('lets writers wait while 256 events are unread, and go on when one is read', async () => {
    const stream = new EventStream();
    for (let index = 0; index < 256; index += 1) stream.emit(event(index));
    const order: string[] = [];
    const writing = (async () => {
      await stream.ready();
      order.push('written');
    })();
    await new Promise(setImmediate);
    order.push('read');
    await stream.read().next();
    await writing;
    expect(order).toEqual(['read', 'written']);
  });

  it('lets nobody wait once it has ended', async () => {
    const stream = new EventStream();
    for (let index = 0; index < 300; index += 1) stream.emit(event(index));
    const waiting = stream.ready();
    stream.end();
    await expect(waiting).resolves.toBeUndefined();
  });
});
