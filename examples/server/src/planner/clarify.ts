import type { Clarification } from 'cloudops-request-builder/protocol';
import type { Candidate } from './candidate.ts';
import { kindOfType } from './kinds/kinds.ts';
import { namesOf, plain } from './wording.ts';
import { PARTICIPLES, type Selection } from './selection.ts';
import type { Sentence } from './sentence.ts';
import type { Verb } from './vocabulary.ts';

type Question = NonNullable<NonNullable<Clarification['questions']>[number]>;

/** What to ask back; the request's id is added where it is sent. */
export interface Doubt {
  text: string;
  questions?: Question[];
}

const ABLE = 'list, describe, start, stop, reboot or tag';

/** Why a sentence cannot be planned by itself, before any resource is looked at; null where it can. */
export function doubtAbout(sentence: Sentence): Doubt | null {
  if (sentence.tooLong) return { text: 'That is too long for me. Please say it in one sentence.' };
  const { verb } = sentence;
  if (verb === null) {
    const foreign = sentence.foreignVerb;
    return {
      text:
        foreign === null
          ? `I did not find what to do. I can ${ABLE} resources.`
          : `I do not know how to “${plain(foreign)}”. I can ${ABLE} resources.`,
      questions: [{ id: 'verb', text: 'What should be done?', choices: Object.keys(PARTICIPLES) }],
    };
  }
  if (sentence.negated) {
    return { text: `You said not to ${verb}, so there is nothing to do.` };
  }
  if (sentence.phrases.length === 0) {
    return {
      text: `Which resources should be ${PARTICIPLES[verb]}? Say a type, a name, an id, a tag or a region.`,
      questions: [{ id: 'resources', text: `What should be ${PARTICIPLES[verb]}?` }],
    };
  }
  if (verb === 'list' || verb === 'describe') return null;
  if (sentence.furtherVerbs.length > 0) {
    const others = sentence.furtherVerbs.map((word) => `“${word}”`).join(', ');
    return { text: `I do one thing at a time: first “${verb}”, then ask again for ${others}.` };
  }
  if (sentence.restrictions.length > 0) {
    const words = sentence.restrictions.map((word) => `“${plain(word)}”`).join(', ');
    return {
      text: `I did not understand ${words}. I act at once and on all that is meant: no times, amounts or comparisons. Please say it without.`,
    };
  }
  return verb === 'tag' ? doubtAboutTags(sentence.assignments) : null;
}

function doubtAboutTags(assignments: Sentence['assignments']): Doubt | null {
  if (assignments.length === 0) {
    return {
      text: 'Which tag should be set? Say it as key=value, for example owner=data-team.',
      questions: [{ id: 'tag', text: 'Which key and value?' }],
    };
  }
  // https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html
  const refused = assignments.find(({ key }) => key.toLowerCase().startsWith('aws:'));
  return refused === undefined
    ? null
    : { text: `Tags that begin with “aws:” belong to AWS: “${plain(refused.key)}” cannot be set.` };
}

/** Why the resources of a request do not settle what a sentence means; null where they do. */
export function doubtAboutSelection(
  verb: Verb,
  selection: Selection,
  candidates: readonly Candidate[],
): Doubt | null {
  if (candidates.length === 0) {
    return { text: 'There are no resources in the request. Has the estate been scanned?' };
  }
  if (selection.unmet.length > 0) {
    const words = [...new Set(selection.unmet.map(({ said }) => `“${plain(said)}”`))].join(', ');
    return {
      text: `Nothing here is ${words}: no name, tag or state says so among the ${candidates.length} resources I was given.`,
      questions: [{ id: 'condition', text: `What do you mean by ${words}?` }],
    };
  }
  if (selection.chosen.length > 0) return null;
  if (selection.matched.length === 0) {
    return {
      text: `None of the ${candidates.length} resources I was given is all of that. Leave a condition out, or name the resources.`,
      questions: [
        {
          id: 'resources',
          text: `What should be ${PARTICIPLES[verb]}?`,
          choices: kindsOf(candidates),
        },
      ],
    };
  }
  const reasons = [...selection.leftOut].map(([reason, left]) => `${reason}: ${namesOf(left)}`);
  return { text: `There is nothing to ${verb}. Left out, ${reasons.join('; ')}.` };
}

/** The kinds among the resources, as they are called. */
function kindsOf(candidates: readonly Candidate[]): string[] {
  const kinds = candidates.map(({ type }) => kindOfType(type)?.many);
  return [...new Set(kinds.filter((kind) => kind !== undefined))];
}
