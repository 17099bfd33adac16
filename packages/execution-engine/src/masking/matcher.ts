/** A stretch of bytes that is to be replaced. */
export interface Match {
  start: number;
  end: number;
}

/**
 * Finds many byte patterns in one pass, skipping most bytes: the algorithm of Wu and Manber ("A fast algorithm for
 * multi-pattern searching", 1994) with blocks of two bytes. The longer the shortest pattern, the larger the steps.
 */
export class Matcher {
  readonly #shortest: number;
  readonly longest: number;
  /** By block: how far the window may move on. 0: a pattern may end here. */
  readonly #shift: Uint8Array;
  /** By block that ends a window: the patterns that have it there. */
  readonly #candidates = new Map<number, Buffer[]>();

  /** @param patterns each at least 2 bytes long */
  constructor(patterns: readonly Buffer[]) {
    this.#shortest = Math.min(255, ...patterns.map((pattern) => pattern.length));
    this.longest = Math.max(0, ...patterns.map((pattern) => pattern.length));
    // Most executions have no secrets, and need no table.
    this.#shift = new Uint8Array(patterns.length === 0 ? 0 : 65_536);
    this.#shift.fill(Math.max(1, this.#shortest - 1));
    for (const pattern of patterns) this.#add(pattern);
  }

  /** Calls `visit` with the start and end of every place where a pattern stands, by where its window ends. */
  scan(bytes: Buffer, visit: (start: number, end: number) => void): void {
    if (this.longest === 0) return;
    const shift = this.#shift;
    const size = bytes.length;
    let at = this.#shortest - 1;
    while (at < size) {
      const block = ((bytes[at - 1] ?? 0) << 8) | (bytes[at] ?? 0);
      const step = shift[block] ?? 1;
      if (step > 0) {
        at += step;
        continue;
      }
      const start = at - this.#shortest + 1;
      for (const pattern of this.#candidates.get(block) ?? []) {
        if (standsAt(bytes, pattern, start)) visit(start, start + pattern.length);
      }
      at += 1;
    }
  }

  #add(pattern: Buffer): void {
    for (let at = 1; at < this.#shortest; at += 1) {
      const block = ((pattern[at - 1] ?? 0) << 8) | (pattern[at] ?? 0);
      const step = this.#shortest - 1 - at;
      this.#shift[block] = Math.min(this.#shift[block] ?? 0, step);
      if (step > 0) continue;
      this.#candidates.set(block, [...(this.#candidates.get(block) ?? []), pattern]);
    }
  }
}

/** A loop: for some twenty bytes it is over before a native comparison has begun. */
function standsAt(bytes: Buffer, pattern: Buffer, start: number): boolean {
  const size = pattern.length;
  // Patterns of one block often begin alike, and differ at their end.
  if (bytes[start + size - 1] !== pattern[size - 1]) return false;
  for (let at = 0; at < size; at += 1) {
    if (bytes[start + at] !== pattern[at]) return false;
  }
  return true;
}

/** Overlapping matches as one each, from left to right. */
export function joinMatches(matches: readonly Match[]): Match[] {
  const joined: Match[] = [];
  for (const match of inOrder(matches)) {
    const last = joined.at(-1);
    if (last !== undefined && match.start < last.end) last.end = Math.max(last.end, match.end);
    else joined.push({ ...match });
  }
  return joined;
}

/** Nearly always they are found in order. */
function inOrder(matches: readonly Match[]): readonly Match[] {
  let before = 0;
  for (const { start } of matches) {
    if (start < before) return [...matches].sort((a, b) => a.start - b.start);
    before = start;
  }
  return matches;
}
