import type { ContextResource } from '../protocol/request.ts';

/** A resource in both forms. */
export interface ResourceForms {
  full: ContextResource;
  brief: ContextResource;
  /** Whether the message names it. */
  isNamed: boolean;
  /** Whether one that the message names points at it. */
  isRelated: boolean;
}

/**
 * How much of the resources' room full forms may take before all others have their brief form. A full form costs three times a brief one (780 and 250 tokens in an estate of
 * instances, databases and networks), so this is room for the best few, and each percent more costs a brief one.
 */
const FULL_SHARE = 0.15;
/** The same with those that the message names: about them the details are wanted. */
const NAMED_SHARE = 0.5;
/** The part of the room in which the best of each type has its place, so that many of one type leave room for another. */
const TYPES_SHARE = 0.15;

/** Resources that were chosen, and what they cost. */
export interface Choice {
  /** In the order of the candidates. */
  resources: ContextResource[];
  cost: number;
  /** Makes brief ones full, the best first, as far as more room goes. */
  enlarge: (room: number) => Choice;
}

/**
 * Chooses resources and their forms within `room`: those that the message names and the best ones in full, then in brief what the named ones point at, the best of each type and all others in brief, from the best on.
 *
 * One that is too large in full is taken in brief; one that is too large in brief makes room for the smaller ones behind it.
 *
 * @param candidates best first
 * @param costOf tokens of a resource
 */
export function chooseResources(
  candidates: readonly ResourceForms[],
  room: number,
  costOf: (resource: ContextResource) => number,
): Choice {
  const taken = new Map<ResourceForms, 'full' | 'brief'>();
  const costs = new Map<ContextResource, number>();
  const price = (resource: ContextResource): number => {
    const known = costs.get(resource) ?? costOf(resource);
    costs.set(resource, known);
    return known;
  };
  let used = 0;
  const take = (candidate: ResourceForms, form: 'full' | 'brief', upTo: number): void => {
    const had = taken.get(candidate);
    if (had === 'full' || had === form) return;
    const added = price(candidate[form]) - (had === undefined ? 0 : price(candidate[had]));
    if (used + added > upTo) return;
    used += added;
    taken.set(candidate, form);
  };
  const named = candidates.filter(({ isNamed }) => isNamed);
  for (const candidate of named) take(candidate, 'full', room * NAMED_SHARE);
  for (const candidate of candidates) take(candidate, 'full', room * FULL_SHARE);
  for (const candidate of named) take(candidate, 'brief', room);
  for (const candidate of candidates) {
    if (candidate.isRelated) take(candidate, 'brief', room);
  }
  const upToTypes = used + room * TYPES_SHARE;
  for (const best of bestOfTypes(candidates)) take(best, 'brief', Math.min(upToTypes, room));
  for (const candidate of candidates) take(candidate, 'brief', room);
  const choice = (): Choice => ({
    resources: candidates.flatMap((candidate) => {
      const form = taken.get(candidate);
      return form === undefined ? [] : [candidate[form]];
    }),
    cost: used,
    enlarge: (larger) => {
      for (const candidate of candidates) {
        if (taken.has(candidate)) take(candidate, 'full', larger);
      }
      return choice();
    },
  });
  return choice();
}

function bestOfTypes(candidates: readonly ResourceForms[]): Iterable<ResourceForms> {
  const best = new Map<string, ResourceForms>();
  for (const candidate of candidates) {
    if (!best.has(candidate.full.type)) best.set(candidate.full.type, candidate);
  }
  return best.values();
}
