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

/** The numbers of a stored vector. */
export function vectorFromBytes(bytes: Uint8Array): Float32Array {
  // A copy: a view must begin at a multiple of 4, and SQLite promises nothing.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
