import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { fileKey, noEncryption, StorageError, StorageService } from 'cloudops-storage-service';
import { resources, vectorOf } from '../../src/testing/fixtures.ts';
import { runWriter } from '../programs/run-writer.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const key = join(folder, 'key');
const open = (name: string) =>
  StorageService.open({
    backend: { kind: 'embedded', path: join(folder, name) },
    keys: fileKey(key),
  });

async function exported(storage: StorageService): Promise<string> {
  const stream = new PassThrough();
  const [all] = await Promise.all([
    text(stream),
    storage.exportTo(stream).finally(() => stream.end()),
  ]);
  return all;
}

async function importOf(lines: readonly unknown[], storage?: StorageService): Promise<string> {
  const into =
    storage ??
    (await StorageService.open({
      backend: { kind: 'embedded', path: ':memory:' },
      keys: noEncryption(),
    }));
  try {
    const counts = await into.importFrom(
      Readable.from(
        lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`),
      ),
    );
    return `${counts.messages}+${counts.resources}`;
  } catch (error) {
    return StorageError.is(error) ? error.code : `untyped ${String(error)}`;
  } finally {
    if (storage === undefined) await into.close();
  }
}

it('exports a whole, readable copy while another process writes without a pause', async () => {
  const path = join(folder, 'busy.db');
  const writer = runWriter([path, key, 'busy']);
  while (writer.messages.length < 30) await new Promise((resolve) => setTimeout(resolve, 10));
  await using storage = await open('busy.db');
  const known = [...writer.messages];
  const lines = (await exported(storage)).trimEnd().split('\n');
  writer.child.kill('SIGKILL');
  await writer.ended;
  const all = lines.join('\n');
  expect(known.filter((id) => !all.includes(id))).toEqual([]);
  expect(await importOf(lines)).toMatch(/^\d+\+\d+$/u);
});

it('takes nothing in that is no export, however it is made up', async () => {
  await using from = await open('small.db');
  await from.chat.append({ conversation_id: 'c', role: 'user', content: 'x' });
  await from.estate.upsert(resources(1).map(({ record }) => ({ record, vector: vectorOf(1) })));
  const [header = '', message = '', resource = '', end = ''] = (await exported(from))
    .trimEnd()
    .split('\n');
  const changed = (line: string, change: (value: Record<string, never>) => void) => {
    const value: Record<string, never> = JSON.parse(line);
    change(value);
    return value;
  };
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  expect(await importOf([header, message, resource, end])).toBe('1+1');
  const hostile: Readonly<Record<string, readonly unknown[]>> = {
    'a list': [[]],
    'a text': ['"header"'],
    null: ['null'],
    'no header': [message, end],
    'two ends': [header, message, resource, end, end],
    'behind the end': [header, end, message],
    'another format': [changed(header, (value) => Object.assign(value, { format: 'tar' })), end],
    'an unknown type': [header, { type: 'program', run: 'rm -rf /' }, end],
    'deep metadata': [header, message.replace('"metadata":{}', `"metadata":${deep}`), end],
    'a deep line': [header, deep, end],
    'bytes that are no text': [header, '\ufffd\u0000\u0001', end],
    'a line cut off': [header, message.slice(0, 40)],
    'a vector of another length': [
      header,
      resource.replace(/"vector":"[^"]{8}/u, '"vector":"'),
      end,
    ],
    'a vector that is none': [header, resource.replace(/"vector":"[^"]+"/u, '"vector":"!!"'), end],
    'a number as id': [
      header,
      changed(message, (value) => Object.assign(value, { message: { id: 5 } })),
      end,
    ],
    'a time that is none': [
      header,
      changed(resource, (value) => Object.assign(value['record'] ?? {}, { last_seen: 'now' })),
      end,
    ],
    'wrong counts': [header, message, resource, end.replace('"messages":1', '"messages":-1')],
  };
  await using target = await open('hostile.db');
  const taken: string[] = [];
  for (const [name, lines] of Object.entries(hostile)) {
    const came = await importOf(lines, target);
    if (came !== 'INVALID_INPUT' && came !== 'VECTOR_INVALID') taken.push(`${name}: ${came}`);
  }
  expect(taken).toEqual([]);
  const polluting = message.replace('"metadata":{}', '"metadata":{"__proto__":{"polluted":true}}');
  await importOf([header, polluting, resource, end]);
  expect(Reflect.get({}, 'polluted')).toBe(undefined);
  // The same id with another content is no repetition.
  const other = message.replace('"content":"x"', '"content":"y"');
  expect(await importOf([header, other, resource, end], from)).toBe('ID_CONFLICT');
});

it('reads a long line in linear time, and refuses one without an end', async () => {
  await using storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
  const [{ record } = never()] = resources(1);
  await storage.estate.upsert([{ record: { ...record, attributes: { blob: 'x'.repeat(8e6) } } }]);
  const all = Buffer.from(await exported(storage));
  await using other = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
  });
  // Thirty thousand chunks: joined with each, they would be 128 GB to copy.
  function* small(): Generator<Buffer> {
    for (let at = 0; at < all.length; at += 256) yield all.subarray(at, at + 256);
  }
  expect(await other.importFrom(Readable.from(small()))).toEqual({ messages: 0, resources: 1 });
  const mebibyte = 'x'.repeat(1024 * 1024);
  function* endless(): Generator<string> {
    for (;;) yield mebibyte;
  }
  await expect(other.importFrom(Readable.from(endless()))).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('A line has more than'),
  });
});

function never(): never {
  throw new Error('resources(1) gives one.');
}
