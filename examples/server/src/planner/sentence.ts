import type { Condition } from './conditions.ts';
import type { Verb } from './vocabulary.ts';

/** A condition, and how it stands to the one before it. */
export interface Stated {
  condition: Condition;
  /** Another choice beside the condition before it: "web and api servers". */
  alternative: boolean;
  /** Stands behind its noun: "servers in staging". */
  trailing: boolean;
  /**
   * `must`: what does not fit is not meant. `shared`: the same, taken over from another noun, so that it need not
   * fit anything here. `soft`: says something only where a resource carries the word
   * ("team"). `loose`: like soft, and the summary says that it was not understood.
   */
  weight: 'must' | 'shared' | 'soft' | 'loose';
}

/** One thing asked about: "the idle staging web servers". */
export interface NounPhrase {
  /** Null: no type was named. Empty: every type. */
  types: readonly string[] | null;
  conditions: Stated[];
}

/** What a message says, before anything is looked up. */
export interface Sentence {
  verb: Verb | null;
  /** What stood where a verb is expected and is none of ours: "delete". */
  foreignVerb: string | null;
  /** "do not …" before the verb. */
  negated: boolean;
  phrases: NounPhrase[];
  /** What must not fit. */
  exclusions: NounPhrase[];
  /** For `tag`: what to set. */
  assignments: { key: string; value: string }[];
  /** Times, conditions, amounts and comparisons: nothing that changes anything may ignore them. */
  restrictions: string[];
  /** Verbs of ours after the first. */
  furtherVerbs: string[];
  tooLong: boolean;
}
