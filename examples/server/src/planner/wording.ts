import type { PlaybookRequest } from 'cloudops-request-builder/protocol';
import type { Candidate } from './candidate.ts';
import { counted } from './kinds/kind.ts';
import type { Chosen, Selection } from './selection.ts';
import type { Sentence } from './sentence.ts';
import type { Verb } from './vocabulary.ts';

const MAX_NAMED = 8;

/** What a playbook does, in a few sentences: what, how many, where, what was left out and what was not understood. */
export function summaryOf(
  verb: Verb,
  selection: Selection,
  sentence: Sentence,
  metadata: PlaybookRequest['metadata'],
): string {
  const sentences = [`${capital(verb)} ${chosenText(selection.chosen)}.`];
  if (verb === 'tag') {
    const tags = sentence.assignments.map(({ key, value }) => plain(`${key}=${value}`));
    sentences.push(`Tags to set: ${tags.join(', ')}.`);
  }
  for (const [reason, candidates] of selection.leftOut) {
    sentences.push(`Left out, ${reason}: ${namesOf(candidates)}.`);
  }
  const unknown = [...selection.ignored, ...sentence.restrictions, ...sentence.furtherVerbs];
  if (unknown.length > 0) {
    sentences.push(`Not understood: ${unknown.map((word) => `“${plain(word)}”`).join(', ')}.`);
  }
  const dropped = metadata.dropped['budget'] ?? 0;
  if (dropped > 0) {
    sentences.push(
      `Chosen from the resources in the request; ${dropped} more did not fit into it and were not looked at.`,
    );
  }
  return sentences.join(' ');
}

/** Up to eight names, and how many more. */
export function namesOf(candidates: readonly Candidate[]): string {
  const named = candidates.slice(0, MAX_NAMED).map(({ name, id }) => plain(name ?? id));
  const more = candidates.length - named.length;
  return named.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function chosenText(chosen: readonly Chosen[]): string {
  const byKind = new Map<Chosen['kind'], Candidate[]>();
  for (const { kind, candidate } of chosen) {
    byKind.set(kind, [...(byKind.get(kind) ?? []), candidate]);
  }
  const regions = [...new Set(chosen.map(({ candidate }) => candidate.region))].sort();
  const kinds = [...byKind].map(
    ([kind, candidates]) => `${counted(candidates.length, kind)} (${namesOf(candidates)})`,
  );
  return `${kinds.join(' and ')} in ${regions.join(', ')}`;
}

/** A name as it may stand in a sentence: no control or invisible characters, not long. */
export function plain(text: string): string {
  const visible = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '');
  return visible.length > 64 ? `${visible.slice(0, 63)}…` : visible;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
