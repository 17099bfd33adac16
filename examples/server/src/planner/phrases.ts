import type { NounPhrase, Stated } from './sentence.ts';
import type { Token } from './tokens.ts';
import type { TypeWord } from './type-words.ts';

/** The longest run of up to three words from a position that a table knows. */
export function longestRun<T>(
  tokens: readonly Token[],
  at: number,
  find: (words: string) => T | undefined,
): { value: T; length: number; said: string } | null {
  for (let length = 3; length > 0; length -= 1) {
    const run = tokens.slice(at, at + length);
    if (run.length < length || run.some((token) => token.quoted)) continue;
    if (run.slice(0, -1).some((token) => token.pause)) continue;
    const said = run.map((token) => token.word).join(' ');
    const value = find(said);
    if (value !== undefined) return { value, length, said };
  }
  return null;
}

/** What two type words side by side mean: "RDS instances" are databases, "VPC subnets" are subnets. */
export function narrowerTypes(first: readonly string[], second: TypeWord): readonly string[] {
  if (first.length === 0) return second.types;
  const both = second.types.filter((type) => first.includes(type));
  if (both.length > 0) return both;
  return second.generic === true ? first : second.types;
}

/**
 * Spreads what several nouns share and is said once: before the first ("staging servers and databases") or
 * behind the last ("servers and databases in eu-west-1"), where a noun says nothing of the kind itself.
 */
export function shareConditions(phrases: readonly NounPhrase[]): void {
  const typed = phrases.filter((phrase) => phrase.types !== null);
  const first = typed[0];
  const last = typed.at(-1);
  if (first === undefined || last === undefined || first === last) return;
  const before = first.conditions.filter((stated) => isShareable(stated) && !stated.trailing);
  const behind = last.conditions.filter((stated) => isShareable(stated) && stated.trailing);
  for (const phrase of typed) {
    for (const stated of [...before, ...behind]) {
      const { family } = stated.condition;
      if (phrase.conditions.some((own) => own.condition.family === family)) continue;
      phrase.conditions.push({ ...stated, alternative: false, weight: 'shared' });
    }
  }
}

function isShareable({ condition: { family } }: Stated): boolean {
  return family === 'environment' || family === 'region' || family === 'state';
}
