import { partsOf, type Candidate } from './candidate.ts';
import type { Condition } from './conditions.ts';
import { singular } from './type-words.ts';
import type { NounPhrase, Stated } from './sentence.ts';

/** Which resources a noun phrase means, and what in it meant nothing. */
export interface PhraseMatch {
  matched: Candidate[];
  /** Conditions that not one resource of the types meets. */
  unmet: Condition[];
  /** Loose words that fit nothing and were passed over. */
  ignored: string[];
}

/** Finds what a noun phrase means among the resources of the types it may be about. */
export function matchPhrase(phrase: NounPhrase, candidates: readonly Candidate[]): PhraseMatch {
  const { types } = phrase;
  const ofType =
    types === null || types.length === 0
      ? candidates
      : candidates.filter((candidate) => types.includes(candidate.type));
  const exact = new Set(
    ofType
      .flatMap(({ name, id, arn }) => [name ?? '', id, arn ?? ''])
      .map((name) => name.toLowerCase()),
  );
  const result: PhraseMatch = { matched: [], unmet: [], ignored: [] };
  const applied: Stated[][] = [];
  for (const group of groupsOf(phrase.conditions)) {
    const met = group.filter((stated) =>
      ofType.some((candidate) => meets(candidate, stated.condition, exact)),
    );
    for (const stated of group) {
      if (met.includes(stated)) continue;
      if (stated.weight === 'must') result.unmet.push(stated.condition);
      if (stated.weight === 'loose') result.ignored.push(stated.condition.said);
    }
    if (met.length > 0 || group.some((stated) => isBinding(stated))) applied.push(met);
  }
  result.matched = ofType.filter((candidate) =>
    applied.every((group) => group.some((stated) => meets(candidate, stated.condition, exact))),
  );
  return result;
}

function isBinding({ weight }: Stated): boolean {
  return weight === 'must' || weight === 'shared';
}

/** Conditions that are choices beside each other: of one kind by nature, or joined by "and" or "or". */
function groupsOf(conditions: readonly Stated[]): Stated[][] {
  const groups: Stated[][] = [];
  for (const stated of conditions) {
    const { family } = stated.condition;
    const isChoice = family !== 'word' && family !== 'tag';
    const kin = isChoice
      ? groups.find((group) => group.some((other) => choiceKind(other) === choiceKind(stated)))
      : stated.alternative && groups.at(-1)?.at(-1)?.condition.family === family
        ? groups.at(-1)
        : undefined;
    if (kin === undefined) groups.push([stated]);
    else kin.push(stated);
  }
  return groups;
}

function choiceKind({ condition: { family } }: Stated): string {
  return family === 'id' ? 'name' : family;
}

/** Whether a resource meets a condition. `exactNames` are the names and ids that exist, in lower case. */
export function meets(
  candidate: Candidate,
  condition: Condition,
  exactNames: ReadonlySet<string>,
): boolean {
  switch (condition.family) {
    case 'environment':
      // The tag decides where there is one: `prod-copy` may well be tagged staging.
      return candidate.environments.length > 0
        ? candidate.environments.some((value) =>
            partsOf(value).some((part) => condition.names.includes(part)),
          )
        : candidate.nameParts.some((part) => condition.names.includes(part));
    case 'state':
      return candidate.state !== null && condition.states.includes(candidate.state);
    case 'region':
      return condition.regions.some((region) =>
        region.endsWith('*')
          ? candidate.region.startsWith(region.slice(0, -1))
          : candidate.region === region,
      );
    case 'id': {
      const id = condition.id.toLowerCase();
      if (candidate.id.toLowerCase() === id || candidate.arn?.toLowerCase() === id) return true;
      // "describe vpc-1" is the VPC, "servers in vpc-1" are what is in it.
      return !exactNames.has(id) && candidate.related.has(id);
    }
    case 'tag':
      return Object.entries(candidate.tags ?? {}).some(
        ([key, value]) =>
          key.toLowerCase() === condition.key.toLowerCase() &&
          value.toLowerCase() === condition.value.toLowerCase(),
      );
    case 'name':
      return meetsName(candidate, condition.name.toLowerCase(), condition.quoted, exactNames);
    default:
      return condition.words.some((word) => meetsWord(candidate, word));
  }
}

function meetsName(
  candidate: Candidate,
  name: string,
  quoted: boolean,
  exactNames: ReadonlySet<string>,
): boolean {
  const own = [candidate.name ?? '', candidate.id].map((value) => value.toLowerCase());
  if (own.includes(name)) return true;
  // `web-1` is not `web-1-old` where a `web-1` exists; quotes ask for the exact name in any case.
  if (quoted || exactNames.has(name)) return false;
  if (name.includes('*')) return own.some((value) => matchesGlob(value, name));
  if (candidate.otherParts.has(name)) return true;
  const parts = partsOf(name).join(' ');
  return parts !== '' && ` ${candidate.nameParts.join(' ')} `.includes(` ${parts} `);
}

/** Whether a value is what a pattern with stars describes; linear in both, whatever is in them. */
function matchesGlob(value: string, pattern: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  if (value.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, at);
    if (found === -1 || found + piece.length > value.length - last.length) return false;
    at = found + piece.length;
  }
  return true;
}

function meetsWord(candidate: Candidate, word: string): boolean {
  const folded = singular(word);
  const fits = (part: string) => part === word || singular(part) === folded;
  return (
    candidate.nameParts.some(fits) ||
    candidate.otherParts.has(word) ||
    candidate.otherParts.has(folded) ||
    candidate.state === word
  );
}
