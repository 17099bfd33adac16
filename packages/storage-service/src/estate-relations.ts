import type { ClearRecord, EstateBackend, StoredResource } from './backends/backend.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError } from './errors.ts';
import { openRecord } from './estate-sealing.ts';
import type { EstateRecord } from './estate-record.ts';
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
    const steps = [
      ...(direction === 'in' ? [] : await stepsOut(frontier, level, backend)),
      ...(direction === 'out' ? [] : await stepsIn(frontier, level, backend)),
    ].sort((a, b) => compareText(a.resource.record.key, b.resource.record.key));
    frontier = [];
    for (const step of steps) {
      const { record } = step.resource;
      const isNew = record.key !== key && !reached.has(record.key);
      if (!isNew || record.missing_since !== null || reached.size >= limit) continue;
      reached.set(record.key, step);
      frontier.push(record);
    }
  }
  await sealer.prepare([...reached.values()].map((step) => step.resource));
  return [...reached.values()].map((step) => ({
    record: openRecord(step.resource, sealer),
    type: step.type,
    direction: step.direction,
    depth: step.depth,
    via: step.via,
  }));
}

async function stepsOut(
  from: readonly ClearRecord[],
  depth: number,
  backend: EstateBackend,
): Promise<Step[]> {
  const names = new Set(from.flatMap((record) => record.relations.map(({ target }) => target)));
  const found = indexByName(await backend.named([...names]));
  return from.flatMap((record) =>
    record.relations.flatMap(({ type, target }) =>
      nearest(found.get(target) ?? [], record).map((resource) => ({
        resource,
        type,
        direction: 'out' as const,
        depth,
        via: record.key,
      })),
    ),
  );
}

async function stepsIn(
  to: readonly ClearRecord[],
  depth: number,
  backend: EstateBackend,
): Promise<Step[]> {
  const byName = new Map<string, ClearRecord[]>();
  for (const record of to) {
    for (const name of namesOf(record)) byName.set(name, [...(byName.get(name) ?? []), record]);
  }
  const referring = await backend.referringTo([...byName.keys()]);
  return referring.flatMap((resource) =>
    resource.record.relations.flatMap(({ type, target }) =>
      (byName.get(target) ?? [])
        .filter((record) => couldMean(resource.record, target, record))
        .map((record) => ({ resource, type, direction: 'in' as const, depth, via: record.key })),
    ),
  );
}

/** The names by which others may refer to a resource. */
export function namesOf(record: ClearRecord): string[] {
  const bareId = record.resource_id.slice(record.resource_id.indexOf('/') + 1);
  const names = [record.key, record.resource_id, bareId];
  return record.arn === null ? names : [...names, record.arn];
}

function indexByName(resources: readonly StoredResource[]): Map<string, StoredResource[]> {
  const index = new Map<string, StoredResource[]>();
  for (const resource of resources) {
    for (const name of namesOf(resource.record)) {
      index.set(name, [...(index.get(name) ?? []), resource]);
    }
  }
  return index;
}

/** A bare id means the one in the same account and region, if there is one. */
function nearest(candidates: readonly StoredResource[], from: ClearRecord): StoredResource[] {
  const meant = candidates.filter(
    ({ record }) => record.account_id === from.account_id && record.region === from.region,
  );
  return meant.length > 0 ? meant : [...candidates];
}

function couldMean(from: ClearRecord, target: string, to: ClearRecord): boolean {
  if (target === to.key || target === to.arn) return true;
  return from.account_id === to.account_id && (from.region === to.region || to.region === 'global');
}
