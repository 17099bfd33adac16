/** Words in more records than this, taken together, are looked for alone only when pairs of them find too little. */
const commonWords = 1000;

/** One attempt to find candidates: records with all words of any of the groups. */
export interface WordAttempt {
  anyOf: string[][];
  /** Only when nothing else was found. */
  isLastResort: boolean;
}

/**
 * What to look for in turn until there are enough candidates. Words in few records come first: they tell most. Common words are
 * looked for together, then in pairs, and alone only at last: ranking half the estate takes its time.
 */
export function planWords(
  words: readonly string[],
  counts: ReadonlyMap<string, number>,
  total: number,
): WordAttempt[] {
  const countOf = (word: string) => counts.get(word) ?? 0;
  const known = words.filter((word) => countOf(word) > 0).sort((a, b) => countOf(a) - countOf(b));
  if (known.length === 0) return [];
  let budget = commonWords;
  const rare = known.filter((word) => {
    budget -= countOf(word);
    return budget >= 0;
  });
  const telling = known.filter((word) => countOf(word) <= Math.max(commonWords, total / 5));
  const groups =
    rare.length === known.length
      ? [alone(known)]
      : [alone(rare), [known], known.length > 2 ? pairs(known) : [], alone(telling)];
  return [
    ...groups.map((anyOf) => ({ anyOf, isLastResort: false })),
    { anyOf: alone(known), isLastResort: true },
  ].filter((attempt) => attempt.anyOf.length > 0);
}

function alone(words: readonly string[]): string[][] {
  return words.map((word) => [word]);
}

/** Pairs with one of the rarest three. */
function pairs(words: readonly string[]): string[][] {
  return words
    .slice(0, 3)
    .flatMap((word, index) => words.slice(index + 1).map((other) => [word, other]));
}
