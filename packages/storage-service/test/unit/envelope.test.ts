import { createCipheriv, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { openBytes, sealBytes } from '../../src/encryption/envelope.ts';
import { recordKey } from '../../src/encryption/record-key.ts';

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

// https://c2sp.org/XAES-256-GCM, test vectors.
it.each([
  [1, '', 'ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271'],
  [3, 'c2sp.org/XAES-256-GCM', '986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d'],
])(
  'gives a record the key and the nonce of XAES-256-GCM (key of bytes %i)',
  (byte, data, sealed) => {
    const own = recordKey(Buffer.alloc(32, byte), Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWX'));
    const cipher = createCipheriv('aes-256-gcm', own.key, own.nonce).setAAD(Buffer.from(data));
    const parts = [cipher.update('XAES-256-GCM'), cipher.final(), cipher.getAuthTag()];
    expect(Buffer.concat(parts).toString('hex')).toBe(sealed);
  },
);

it('takes another key for each 4,096 records, and opens them all', () => {
  const dataKey = randomBytes(32);
  const sealed = Array.from({ length: 10_000 }, () =>
    sealBytes(Buffer.from('x'), dataKey, 1, context),
  );
  const halves = sealed.map((bytes) => Buffer.from(bytes.subarray(5, 17)).toString('hex'));
  expect(new Set(halves).size).toBe(3);
  expect(
    new Set(sealed.map((bytes) => Buffer.from(bytes.subarray(5, 29)).toString('hex'))).size,
  ).toBe(sealed.length);
  // As another process does, which has made none of the keys.
  const elsewhere = Uint8Array.from(dataKey);
  expect(sealed.every((bytes) => openBytes(bytes, elsewhere, context).toString() === 'x')).toBe(
    true,
  );
});
