import type { PlaybookRequest } from 'cloudops-request-builder/protocol';
import type { Candidate } from './candidate.ts';
import type { Condition } from './conditions.ts';
import { kindOfType } from './kinds/kinds.ts';
import type { Action, ResourceKind } from './kinds/kind.ts';
import { matchPhrase } from './match.ts';
import type { Sentence } from './sentence.ts';
import type { Verb } from './vocabulary.ts';

/** A resource that a plan will deal with, and how. */
export interface Chosen {
  candidate: Candidate;
  kind: ResourceKind;
  action: Action;
}

/** What a sentence means among the resources of a request. */
export interface Selection {
  chosen: Chosen[];
  /** What fits but is left out, by reason. */
  leftOut: Map<string, Candidate[]>;
  /** What fits the sentence, chosen or not. */
  matched: Candidate[];
  /** Conditions that no resource of their type meets. */
  unmet: Condition[];
  /** Words that were passed over. */
  ignored: string[];
}

/** Picks the resources that a sentence is about, from those in the request and nowhere else. */
export function select(
  sentence: Sentence,
  verb: Verb,
  candidates: readonly Candidate[],
  target: PlaybookRequest['target'],
): Selection {
  const selection: Selection = {
    chosen: [],
    leftOut: new Map(),
    matched: [],
    unmet: [],
    ignored: [],
  };
  const matched = new Set<Candidate>();
  for (const phrase of sentence.phrases) {
    // "stop web-1": without a type, what the verb can be done to.
    const able =
      phrase.types === null
        ? candidates.filter(({ type }) => kindOfType(type)?.actions[verb] !== undefined)
        : candidates;
    const match = matchPhrase(phrase, able);
    for (const candidate of match.matched) matched.add(candidate);
    selection.unmet.push(...match.unmet);
    selection.ignored.push(...match.ignored);
  }
  for (const phrase of sentence.exclusions) {
    const match = matchPhrase(phrase, candidates);
    for (const candidate of match.matched) matched.delete(candidate);
    // An environment that nothing is in needs no leaving out; a name that is not there may be misspelt.
    selection.unmet.push(...match.unmet.filter(({ family }) => /^(?:word|name|id)$/.test(family)));
  }
  selection.matched = [...matched];
  for (const candidate of selection.matched) sortOut(selection, candidate, verb, target);
  return selection;
}

function sortOut(
  selection: Selection,
  candidate: Candidate,
  verb: Verb,
  target: PlaybookRequest['target'],
): void {
  const kind = kindOfType(candidate.type);
  const action = kind?.actions[verb];
  const leave = (reason: string) => {
    const others = selection.leftOut.get(reason) ?? [];
    selection.leftOut.set(reason, [...others, candidate]);
  };
  if (kind === undefined) return leave('of a type that this planner has no commands for');
  if (action === undefined) return leave(`${kind.many} cannot be ${PARTICIPLES[verb]} here`);
  const obstacle = action.obstacle?.(candidate) ?? null;
  const account = candidate.arn?.split(':')[4] ?? '';
  if (!kind.idPattern.test(candidate.id)) return leave('with an id of an unexpected form');
  if (account !== '' && account !== target.account_id) return leave('of another account');
  if (!target.regions.includes(candidate.region))
    return leave('outside the regions of the request');
  if (action.permission !== null && candidate.denied.has(action.permission)) {
    return leave(`for which you lack ${action.permission}`);
  }
  if (action.from !== null && candidate.state !== null && !action.from.includes(candidate.state)) {
    return leave(`${candidate.state} when last seen`);
  }
  if (obstacle !== null) return leave(`that ${obstacle}`);
  selection.chosen.push({ candidate, kind, action });
}

/** "cannot be stopped". */
export const PARTICIPLES: Readonly<Record<Verb, string>> = {
  list: 'listed',
  describe: 'described',
  start: 'started',
  stop: 'stopped',
  reboot: 'rebooted',
  tag: 'tagged',
};
