import {
  createCipheriv,
  createSecretKey,
  randomBytes,
  type Cipheriv,
  type KeyObject,
} from 'node:crypto';

/** XAES-256-GCM takes 192 bits for each record: the first half makes a key from the data key, the other is the nonce under it. */
export const nonceBytes = 24;
const halfBytes = 12;
const blockBytes = 16;

/** So many records share the first half: making a key takes as long as encrypting a record. */
const recordsPerKey = 4096;
/** So many of those keys are remembered. */
const maxKeys = 1000;

/** What is known of a data key: AES under it, the first subkey of CMAC, and keys made from it by the first half of the nonce. */
interface Derivation {
  cipher: Cipheriv;
  subkey: Uint8Array;
  keys: Map<string, KeyObject>;
  /** The first half that new records have. */
  current: Uint8Array;
  left: number;
}

const derivations = new WeakMap<Uint8Array, Derivation>();

/**
 * The nonce of a new record. 4,096 records of this process share a random first half, so that a data key may seal 2^53 records before
 * two of them share key and nonce with a chance of 2^-32; with random nonces of 96 bits alone it would be 2^32.
 */
export function newNonce(dataKey: Uint8Array): Uint8Array {
  const derivation = derivationOf(dataKey);
  if (derivation.left === 0) {
    derivation.current = randomBytes(halfBytes);
    derivation.left = recordsPerKey;
  }
  derivation.left -= 1;
  return Buffer.concat([derivation.current, randomBytes(halfBytes)]);
}

/**
 * The key of a record and the nonce for AES-256-GCM under it, as XAES-256-GCM makes them: https://c2sp.org/XAES-256-GCM
 * (key derivation by CMAC, NIST SP 800-108r1).
 */
export function recordKey(
  dataKey: Uint8Array,
  nonce: Uint8Array,
): { key: KeyObject; nonce: Uint8Array } {
  const { keys, cipher, subkey } = derivationOf(dataKey);
  const half = nonce.subarray(0, halfBytes);
  const name = Buffer.from(half).toString('latin1');
  let key = keys.get(name);
  if (key === undefined) {
    const blocks = Buffer.alloc(2 * blockBytes);
    for (const [index, start] of [0, blockBytes].entries()) {
      blocks.set([0, index + 1, 0x58, 0], start);
      blocks.set(half, start + 4);
    }
    key = createSecretKey(
      cipher.update(blocks.map((byte, at) => byte ^ (subkey[at % blockBytes] ?? 0))),
    );
    if (keys.size >= maxKeys) keys.clear();
    keys.set(name, key);
  }
  return { key, nonce: nonce.subarray(halfBytes) };
}

function derivationOf(dataKey: Uint8Array): Derivation {
  let derivation = derivations.get(dataKey);
  if (derivation === undefined) {
    // Without padding each block comes out at once, and depends on no other: one cipher makes all keys.
    const cipher = createCipheriv('aes-256-ecb', dataKey, null).setAutoPadding(false);
    const subkey = doubled(cipher.update(Buffer.alloc(blockBytes)));
    derivation = { cipher, subkey, keys: new Map(), current: new Uint8Array(), left: 0 };
    derivations.set(dataKey, derivation);
  }
  return derivation;
}

/** Times two in GF(2^128), NIST SP 800-38B, 6.1. */
function doubled(block: Uint8Array): Uint8Array {
  const isOver = (block[0] ?? 0) >= 0x80;
  return block.map((byte, at) => {
    const next = (block[at + 1] ?? 0) >> 7;
    const reduction = isOver && at === blockBytes - 1 ? 0x87 : 0;
    return (byte << 1) ^ next ^ reduction;
  });
}
