import { wordsOf } from './keyword-query.ts';

/** Shorter words have too many neighbours to guess from. */
const SHORTEST = 4;
/** From this length on two letters may be wrong. */
const LONG = 8;

/**
 * The words of a search that may be misspelled, or in another form: of letters alone, and in none of the records that words found.
 *
 * @param matched the words that each of them has
 */
export function unmatchedWords(
  words: readonly string[],
  matched: readonly (readonly string[])[],
): string[] {
  const known = new Set(matched.flat());
  return words.filter(
    (word) => word.length >= SHORTEST && !known.has(word) && /^\p{L}+$/u.test(word),
  );
}

/**
 * Puts words that are spelled almost alike in place of some: the nearest of the texts, which begins with the same letter.
 *
 * @param texts where words come from, the likeliest text first
 * @returns null where nothing is near enough
 */
export function respelled(
  search: string,
  unmatched: readonly string[],
  texts: readonly string[],
): string | null {
  const vocabulary = new Set(texts.flatMap((text) => wordsOf(text)));
  const nearer = new Map(unmatched.map((word) => [word, nearest(word, vocabulary)]));
  const changed = search.replaceAll(/\p{L}+/gu, (word) => {
    const [plain = ''] = wordsOf(word);
    return nearer.get(plain) ?? word;
  });
  return wordsOf(changed).join(' ') === wordsOf(search).join(' ') ? null : changed;
}

function nearest(word: string, vocabulary: ReadonlySet<string>): string {
  const allowed = word.length >= LONG ? 2 : 1;
  let best = { word, edits: allowed + 1 };
  for (const other of vocabulary) {
    if (other[0] !== word[0] || Math.abs(other.length - word.length) > allowed) continue;
    const edits = editsBetween(word, other);
    if (edits < best.edits) best = { word: other, edits };
  }
  return best.word;
}

/** Letters added, left out, changed or swapped with their neighbour (optimal string alignment). */
function editsBetween(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row += 1) {
    const above = rows[row - 1] ?? [];
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isSame = a[row - 1] === b[column - 1];
      const isSwap =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (above[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (rows[row - 2]?.[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    rows.push(current);
  }
  return rows[a.length]?.[b.length] ?? Infinity;
}
