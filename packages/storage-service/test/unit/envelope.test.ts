import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { openBytes, sealBytes } from '../../src/encryption/envelope.ts';

const key = randomBytes(32);
const context = { collection: 'chat', id: 'id', field: 'message' };

it('opens what it sealed, and seals the same twice differently', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (plain) => {
      const sealed = sealBytes(plain, key, 7, context);
      expect(openBytes(sealed, key, context).equals(plain)).toBe(true);
      expect(Buffer.from(sealBytes(plain, key, 7, context)).equals(sealed)).toBe(false);
    }),
  );
});

it('notices every changed bit, a shorter record and another key', () => {
  const sealed = sealBytes(Buffer.from('secret'), key, 7, context);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    // The key number is no part of the cipher: another one leads to another key, or none.
    if (bit >= 8 && bit < 40) continue;
    const changed = Uint8Array.from(sealed);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(() => openBytes(changed, key, context)).toThrow(/changed|version/u);
  }
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => openBytes(sealed.subarray(0, length), key, context)).toThrow(/changed|version/u);
  }
  expect(() => openBytes(sealed, randomBytes(32), context)).toThrow('changed');
});

it('opens in no other place', () => {
  const sealed = sealBytes(Buffer.from('secret'), key, 7, context);
  for (const other of [
    { ...context, collection: 'estate' },
    { ...context, id: 'other' },
    { ...context, field: 'other' },
    { collection: 'chati', id: 'd', field: 'message' },
  ]) {
    expect(() => openBytes(sealed, key, other)).toThrow('moved from another place');
  }
});
