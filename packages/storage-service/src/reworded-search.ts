import type { RankedWords } from './backends/backend.ts';
import type { EstateRecord } from './estate-record.ts';
import { keywordQuery } from './keyword-query.ts';
import type { Ranked } from './ranking.ts';
import { respelled, unmatchedWords } from './spelling.ts';

/** So many of the nearest by meaning lend their words to what is misspelled. */
const wordSources = 60;

/**
 * A search with words that nothing has, as the nearest by meaning spell them: people mistype, and write "servers" for a server. No
 * backend has to know its words for that.
 *
 * @returns the other words, null where there are none, and the records that were read on the way
 */
export async function rewordedSearch(
  text: string | null,
  semantic: readonly Ranked[] | null,
  keyword: readonly RankedWords[] | null,
  get: (keys: readonly string[]) => Promise<(EstateRecord | null)[]>,
): Promise<{ reworded: string | null; read: Map<string, EstateRecord | null> }> {
  const read = new Map<string, EstateRecord | null>();
  if (text === null || semantic === null || keyword === null) return { reworded: null, read };
  const { words } = keywordQuery(text);
  const unmatched = unmatchedWords(
    words,
    keyword.map(({ matched }) => matched),
  );
  if (unmatched.length === 0) return { reworded: null, read };
  const keys = semantic.slice(0, wordSources).map(({ key }) => key);
  for (const [index, record] of (await get(keys)).entries()) read.set(keys[index] ?? '', record);
  const texts = [...read.values()].flatMap((record) =>
    record === null ? [] : [`${record.name ?? ''} ${record.text ?? ''}`],
  );
  return { reworded: respelled(text, unmatched, texts), read };
}
