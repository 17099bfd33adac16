/** Words in more records than this, taken together, are looked for alone only when pairs of them find too little. */
const commonWords = 1000;

/** So many candidates are worth scoring. */
const candidatesWanted = 60;
/** With so many, the dear search for single common words is not worth its time. */
const resultsWanted = 20;

/** One attempt to find candidates: records with all words of any of the groups. */
export interface WordAttempt {
  anyOf: string[][];
  /** With so many candidates the attempt is left out. */
  enough: number;
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
  if (rare.length === known.length) return [{ anyOf: alone(known), enough: candidatesWanted }];
  return [
    { anyOf: alone(rare), enough: candidatesWanted },
    { anyOf: [known], enough: candidatesWanted },
    { anyOf: known.length > 2 ? pairs(known) : [], enough: candidatesWanted },
    { anyOf: alone(telling), enough: resultsWanted },
    { anyOf: alone(known), enough: 1 },
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
