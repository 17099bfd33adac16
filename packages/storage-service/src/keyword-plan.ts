/** Words in more records than this, taken together, are looked for alone only when they are not found together. */
const commonWords = 1000;
/** A word in more than this share of the records tells nothing, beside words that are in fewer. */
const universalShare = 0.4;

/** So many candidates are worth scoring. */
const candidatesWanted = 60;
/** With so many, looking for single common words is not worth its time. */
const resultsWanted = 20;
/** So many of the rarest words are looked for in pairs, and alone. */
const rarestWords = 3;
/** More words than this are not asked to be in one record all at once. */
const wordsTogether = 8;

/** One attempt to find candidates: records with all words of any of the groups. */
export interface WordAttempt {
  anyOf: string[][];
  /** With so many candidates the attempt is left out. */
  enough: number;
}

/**
 * What to look for in turn until there are enough candidates. Words in few records come first: they tell most. Common words are
 * looked for together, then in pairs, then alone, from the rarest on; what is in nearly every record only when there is nothing else.
 */
export function planWords(
  words: readonly string[],
  counts: ReadonlyMap<string, number>,
  total: number,
): WordAttempt[] {
  const countOf = (word: string) => counts.get(word) ?? 0;
  const known = words.filter((word) => countOf(word) > 0).sort((a, b) => countOf(a) - countOf(b));
  let budget = commonWords;
  const rare = known.filter((word) => {
    budget -= countOf(word);
    return budget >= 0;
  });
  if (rare.length === known.length) return attempts([[alone(known), candidatesWanted]]);
  const fewer = known.filter((word) => countOf(word) <= total * universalShare);
  const telling = fewer.length > 0 ? fewer : known.slice(0, 1);
  return attempts([
    [alone(rare), candidatesWanted],
    [[telling.slice(0, wordsTogether)], candidatesWanted],
    [telling.length > 2 ? pairs(telling) : [], candidatesWanted],
    ...telling.slice(0, rarestWords).map((word): [string[][], number] => [[[word]], resultsWanted]),
    [alone(known), 1],
  ]);
}

function attempts(groups: readonly [string[][], number][]): WordAttempt[] {
  return groups.flatMap(([anyOf, enough]) => (anyOf.length > 0 ? [{ anyOf, enough }] : []));
}

function alone(words: readonly string[]): string[][] {
  return words.map((word) => [word]);
}

/** Pairs with one of the rarest. */
function pairs(words: readonly string[]): string[][] {
  return words
    .slice(0, rarestWords)
    .flatMap((word, index) => words.slice(index + 1).map((other) => [word, other]));
}
