/**
 * The constant of reciprocal rank fusion: 60, as in Cormack, Clarke and Büttcher,
 * "Reciprocal Rank Fusion outperforms Condorcet" (SIGIR 2009).
 */
export const fusionConstant = 60;

/** A key with its place in one ranking. */
export interface Ranked {
  key: string;
  score: number;
}

/** Where a result stood in each ranking, from 1; null where it did not appear. */
export interface Fused {
  key: string;
  /** 1 for what is first in every ranking. */
  score: number;
  ranks: (number | null)[];
}

/**
 * Fuses rankings by reciprocal rank: the sum of 1 / (60 + rank), divided by the highest sum there can be.
 * Ties are ordered by key, so that every backend orders alike.
 */
export function fuseRankings(rankings: readonly (readonly Ranked[])[]): Fused[] {
  const fused = new Map<string, Fused>();
  for (const [index, ranking] of rankings.entries()) {
    for (const [place, { key }] of ranking.entries()) {
      let entry = fused.get(key);
      if (entry === undefined) {
        entry = { key, score: 0, ranks: rankings.map(() => null) };
        fused.set(key, entry);
      }
      entry.ranks[index] = place + 1;
      entry.score += 1 / (fusionConstant + place + 1);
    }
  }
  const highest = rankings.length / (fusionConstant + 1);
  for (const entry of fused.values()) entry.score /= highest;
  return [...fused.values()].sort(byScore);
}

/** Best first, ties by key. */
export function byScore(a: Ranked, b: Ranked): number {
  return b.score - a.score || compareText(a.key, b.key);
}

/** The order of text by code point, which is also that of its UTF-8 bytes: the order of the databases. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    // A surrogate stands for a code point above every unit that is none.
    if (left !== right) return shifted(left) - shifted(right);
  }
  return a.length - b.length;
}

function shifted(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
