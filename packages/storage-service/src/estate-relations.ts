import type { ClearRecord, EstateBackend, StoredResource } from './backends/backend.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import { openRecord } from './estate-sealing.ts';
import type { EstateRecord } from './estate-record.ts';
import { inTurns } from './in-turns.ts';
import { compareText } from './ranking.ts';
import { parseLimit, parseOptions } from './validation.ts';

/** How far and which way to follow relations. */
export interface RelatedOptions {
  /** `out`: what the resource refers to; `in`: what refers to it; `both` by default. */
  direction?: 'out' | 'in' | 'both';
  /** How many steps, 1 by default, 5 at most. */
  depth?: number;
  /** 100 by default, 1,000 at most; the nearest first. */
  limit?: number;
}

/** A resource that was reached. */
export interface RelatedResource {
  record: EstateRecord;
  /** The type of the relation by which it was reached. */
  type: string;
  direction: 'out' | 'in';
  /** Steps from where it began. */
  depth: number;
  /** The key of the resource one step nearer. */
  via: string;
}

interface Step {
  resource: StoredResource;
  type: string;
  direction: 'out' | 'in';
  depth: number;
  via: string;
}

/**
 * Follows relations breadth first; each resource appears once, by its shortest way. Tombstones are left out.
 *
 * @throws StorageError `NOT_FOUND` when there is no such resource, `INVALID_INPUT`
 */
export async function relatedResources(
  key: string,
  input: RelatedOptions,
  backend: EstateBackend,
  sealer: Sealer,
): Promise<RelatedResource[]> {
  const options = parseOptions(input, 'related');
  const depth = parseLimit(options.depth, 1, 5, 'depth');
  const limit = parseLimit(options.limit, 100, 1000);
  const direction = options.direction ?? 'both';
  if (!['out', 'in', 'both'].includes(direction)) {
    throw new StorageError('INVALID_INPUT', 'direction: expected out, in or both');
  }
  const [start] = await backend.get([key]);
  if (!start)
    throw new StorageError('NOT_FOUND', `There is no resource ${key}.`, { details: { key } });

  const reached = new Map<string, Step>();
  let frontier: ClearRecord[] = [start.record];
  for (let level = 1; level <= depth && frontier.length > 0 && reached.size < limit; level += 1) {
    // A dense part of the graph has a million edges to the same few: only the first to each is kept.
    const steps = new Map<string, Step>();
    const add: AddStep = (resource, rest) => {
      const { record } = resource;
      const isNew = record.key !== key && !reached.has(record.key) && !steps.has(record.key);
      if (isNew && record.missing_since === null) {
        steps.set(record.key, { resource, ...rest, depth: level });
      }
    };
    if (direction !== 'in') await addStepsOut(frontier, backend, add);
    if (direction !== 'out') await addStepsIn(frontier, backend, add);
    const nearestFirst = [...steps.values()]
      .sort((x, y) => compareText(x.resource.record.key, y.resource.record.key))
      .slice(0, limit - reached.size);
    for (const step of nearestFirst) reached.set(step.resource.record.key, step);
    frontier = nearestFirst.map((step) => step.resource.record);
  }
  await sealer.prepare([...reached.values()].map((step) => step.resource));
  return inTurns([...reached.values()], (step) => ({
    record: openRecord(step.resource, sealer),
    type: step.type,
    direction: step.direction,
    depth: step.depth,
    via: step.via,
  }));
}

type AddStep = (
  resource: StoredResource,
  step: { type: string; direction: 'out' | 'in'; via: string },
) => void;

async function addStepsOut(
  from: readonly ClearRecord[],
  backend: EstateBackend,
  add: AddStep,
): Promise<void> {
  const names = new Set(from.flatMap((record) => record.relations.map(({ target }) => target)));
  const found = indexByName(await backend.named([...names]), ({ record }) => record);
  await inTurns(from, (record) => {
    for (const { type, target } of record.relations) {
      for (const resource of nearest(found.get(target) ?? [], record)) {
        add(resource, { type, direction: 'out', via: record.key });
      }
    }
  });
}

async function addStepsIn(
  to: readonly ClearRecord[],
  backend: EstateBackend,
  add: AddStep,
): Promise<void> {
  const byName = indexByName(to, (record) => record);
  const referring = await backend.referringTo([...byName.keys()]);
  await inTurns(referring, (resource) => {
    for (const { type, target } of resource.record.relations) {
      for (const record of byName.get(target) ?? []) {
        if (!couldMean(resource.record, target, record)) continue;
        add(resource, { type, direction: 'in', via: record.key });
      }
    }
  });
}

/** The names by which others may refer to a resource. */
export function namesOf(record: ClearRecord): string[] {
  const bareId = record.resource_id.slice(record.resource_id.indexOf('/') + 1);
  const names = [record.key, record.resource_id, bareId];
  return record.arn === null ? names : [...names, record.arn];
}

function indexByName<T>(items: readonly T[], recordOf: (item: T) => ClearRecord): Map<string, T[]> {
  const index = new Map<string, T[]>();
  for (const item of items) {
    for (const name of namesOf(recordOf(item))) {
      const named = index.get(name);
      if (named === undefined) index.set(name, [item]);
      else named.push(item);
    }
  }
  return index;
}

/** A bare id means the one in the same account and region, if there is one. */
function nearest(
  candidates: readonly StoredResource[],
  from: ClearRecord,
): readonly StoredResource[] {
  const meant = candidates.filter(
    ({ record }) => record.account_id === from.account_id && record.region === from.region,
  );
  return meant.length > 0 ? meant : candidates;
}

function couldMean(from: ClearRecord, target: string, to: ClearRecord): boolean {
  if (target === to.key || target === to.arn) return true;
  return from.account_id === to.account_id && (from.region === to.region || to.region === 'global');
}
