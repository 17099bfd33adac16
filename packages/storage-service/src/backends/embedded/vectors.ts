/**
 * A vector of length 1 as the bytes of its 32-bit floats: on those, the order by L2 distance, which sqlite-vec computes faster,
 * is the order by cosine. A zero vector stays zero.
 */
export function unitBytes(vector: Float32Array): Uint8Array {
  const unit = new Float32Array(vector);
  let sum = 0;
  // Counting loops: `for … of` and `map` take several times as long.
  for (let index = 0; index < unit.length; index += 1) sum += (unit[index] ?? 0) ** 2;
  const length = Math.sqrt(sum) || 1;
  for (let index = 0; index < unit.length; index += 1) unit[index] = (unit[index] ?? 0) / length;
  return new Uint8Array(unit.buffer);
}

/** The cosine of two unit vectors from their L2 distance. */
export function cosineFromDistance(distance: number): number {
  return 1 - (distance * distance) / 2;
}

/** Stored vectors as they cross the thread: one buffer, which moves. */
export interface PackedVectors {
  /** How many bytes each has; null where there is none. */
  lengths: (number | null)[];
  bytes: Uint8Array<ArrayBuffer>;
}

/** Makes one message of the bytes of vectors. */
export function packVectors(vectors: readonly (Uint8Array | null)[]): PackedVectors {
  const lengths = vectors.map((vector) => vector?.length ?? null);
  const bytes = new Uint8Array(lengths.reduce<number>((sum, length) => sum + (length ?? 0), 0));
  let at = 0;
  for (const vector of vectors) {
    if (vector === null) continue;
    bytes.set(vector, at);
    at += vector.length;
  }
  return { lengths, bytes };
}

/** The numbers of vectors; views of the buffer that came. */
export function unpackVectors({ lengths, bytes }: PackedVectors): (Float32Array | null)[] {
  let at = 0;
  return lengths.map((length) =>
    length === null ? null : new Float32Array(bytes.buffer, (at += length) - length, length >> 2),
  );
}
