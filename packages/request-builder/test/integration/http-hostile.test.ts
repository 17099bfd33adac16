import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PLAYBOOK_MEDIA_TYPE } from '../../src/protocol.ts';
import { good, send, sendTo } from './http-sending.ts';
import { reply, type Answer } from './misbehaving-server.ts';

describe('httpTransport, to a server that means harm', () => {
  it('stops reading a huge chunked answer at the limit', async () => {
    let written = 0;
    const endless: Answer = (response) => {
      response.writeHead(200, { 'content-type': PLAYBOOK_MEDIA_TYPE });
      const block = Buffer.alloc(64 * 1024, 0x20);
      const more = () => {
        while (!response.destroyed && written < 200 * 1024 * 1024) {
          written += block.length;
          if (response.write(block)) continue;
          response.once('drain', more);
          return;
        }
      };
      more();
    };
    const { error, seen } = await sendTo({}, endless);
    expect(error?.code).toBe('RESPONSE_TOO_LARGE');
    expect(seen).toHaveLength(1);
    expect(written).toBeLessThan(50 * 1024 * 1024);
  });

  it('counts decompressed bytes: a megabyte of gzip that becomes a gigabyte', async () => {
    const bomb = gzipBomb();
    const before = process.memoryUsage().rss;
    const { error } = await sendTo(
      {},
      reply(200, PLAYBOOK_MEDIA_TYPE, bomb, { 'content-encoding': 'gzip' }),
    );
    expect(error?.code).toBe('RESPONSE_TOO_LARGE');
    // 8 MiB is the goal, measured alone in the benchmark; a gigabyte is what this tells apart.
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
  });

  it.each([
    ['no JSON', 'so sorry'],
    ['JSON cut off', '{"schema":"playbook/v1"'],
    ['nothing', ''],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
  ])('refuses a body with %s', async (_what, body) => {
    const { error, seen } = await sendTo({}, reply(200, 'application/json', body));
    expect(error?.code).toBe('BAD_RESPONSE');
    expect(seen).toHaveLength(1);
  });

  it('takes a body that begins with a BOM', async () => {
    const { document } = await sendTo({}, reply(200, 'application/json', '\uFEFF{"schema":"x"}'));
    expect(document).toEqual({ schema: 'x' });
  });

  it('leaves a server that sends headers without end, and does not come back', async () => {
    const flood: Answer = (_response, _seen, { socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const line = `x-flood: ${'x'.repeat(1000)}\r\n`;
      const more = () => {
        while (!socket.destroyed && socket.write(line));
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    };
    const { error, seen } = await sendTo({}, flood);
    expect(error?.code).toBe('RESPONSE_TOO_LARGE');
    expect(seen).toHaveLength(1);
  });

  it.each([
    ['a chunk whose size is none', 'zz\r\nabc\r\n'],
    ['a chunk of a size beyond all memory', 'ffffffffffffffff\r\nabc\r\n'],
    ['a chunk that is cut off', '10\r\nabc'],
  ])('takes %s for a broken connection', async (_what, body) => {
    const broken: Answer = (_response, _seen, { socket }) => {
      const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`;
      socket.end(head + body);
    };
    const { document, seen } = await sendTo({}, broken, good);
    expect(document).toEqual({ schema: 'anything' });
    expect(seen).toHaveLength(2);
  });

  it.each([
    ['fetch', () => new Promise<Response>(() => {})],
    [
      'body',
      async () =>
        new Response(new ReadableStream(), { headers: { 'content-type': 'application/json' } }),
    ],
    [
      'stream',
      async () =>
        new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } }),
    ],
  ])(
    'aborts at once, also where a %s of the host’s never looks at its signal',
    async (_what, fetch) => {
      const controller = new AbortController();
      const sent = send({ url: 'https://planner.test', fetch }, controller.signal);
      await new Promise((resolve) => setTimeout(resolve, 20));
      const at = performance.now();
      controller.abort();
      expect((await sent).error?.code).toBe('ABORTED');
      // 50 ms is the goal; this only tells it from hanging, on a busy machine too.
      expect(performance.now() - at).toBeLessThan(2000);
    },
  );
});

/** A gigabyte of blanks, compressed as 1,024 members. */
function gzipBomb(): Buffer {
  const member = gzipSync(Buffer.alloc(1024 * 1024, 0x20), { level: 9 });
  return Buffer.concat(Array.from({ length: 1024 }, () => member));
}
