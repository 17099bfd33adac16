/**
 * What the share of the query that was found in words counts, against the cosine: a sum of scores, as in Bruch, Gai and Ingber, "An
 * Analysis of Fusion Functions for Hybrid Retrieval" (2023). Places alone (reciprocal rank fusion) put what only one of the rankings
 * knows behind everything that both know a little. From 0.3 to 0.7 the evaluation of searches finds the same.
 */
export const wordsGain = 0.5;

/** A key with its place in one ranking. */
export interface Ranked {
  key: string;
  score: number;
}

/**
 * Fuses the ranking by meaning (cosines) with that by words (shares of the query): the cosine plus the share by {@link wordsGain}, in
 * parts of the highest sum there can be. What only the words found has the lowest cosine of those that are known, since it is at
 * most that near. Ties are ordered by key, so that every backend orders alike.
 */
export function fuseRankings(semantic: readonly Ranked[], keyword: readonly Ranked[]): Ranked[] {
  const lowest = Math.min(1, ...semantic.map(({ score }) => score));
  const fused = new Map(semantic.map(({ key, score }) => [key, score]));
  for (const { key, score } of keyword) {
    const cosine = fused.get(key) ?? (semantic.length === 0 ? 0 : lowest);
    fused.set(key, cosine + wordsGain * score);
  }
  return [...fused].map(([key, score]) => ({ key, score: score / (1 + wordsGain) })).sort(byScore);
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
