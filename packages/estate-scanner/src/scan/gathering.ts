import type { Resource } from '../resource.ts';

/** A resource does not wait longer than this for others of its type: who watches a scan sees it go on. */
export const LONGEST_WAIT_MS = 5_000;
/** Batches' worth of resources that wait at most, however many types there are. */
const MOST_BATCHES = 10;

/** What a {@link Gathering} goes by. */
export interface GatheringParts {
  batchSize: number;
  /** Whether a batch is of one type: then IAM answers for all of it in one call. */
  byType: boolean;
  now: () => number;
}

/**
 * Gathers resources into batches of one type each. Mixed batches cost IAM a call for every type in them: an
 * estate of 10,000 resources in 14 types about a thousand, gathered about a hundred.
 */
export class Gathering {
  readonly #parts: GatheringParts;
  /** In the order of `since`: a group that begins anew goes to the end. */
  readonly #groups = new Map<string, { resources: Resource[]; since: number }>();
  #waiting = 0;

  constructor(parts: GatheringParts) {
    this.#parts = parts;
  }

  /** Resources that wait. */
  get size(): number {
    return this.#waiting;
  }

  add(resource: Resource): void {
    const type = this.#parts.byType ? resource.resource_type : '';
    const group = this.#groups.get(type) ?? { resources: [], since: this.#parts.now() };
    group.resources.push(resource);
    this.#groups.set(type, group);
    this.#waiting += 1;
  }

  /** Takes the next batch out that is full, has waited long enough, or has to make room; null where none has. */
  takeDue(): Resource[] | null {
    const { batchSize, now } = this.#parts;
    const room = this.#waiting < batchSize * MOST_BATCHES;
    let largest = { type: '', size: 0 };
    for (const [type, { resources }] of this.#groups) {
      if (resources.length > largest.size) largest = { type, size: resources.length };
    }
    if (largest.size >= batchSize || (!room && largest.size > 0)) return this.#take(largest.type);
    const [oldest] = this.#groups;
    if (oldest === undefined) return null;
    const [type, { since }] = oldest;
    return now() - since >= LONGEST_WAIT_MS ? this.#take(type) : null;
  }

  /** Takes out a batch of what is left: whole types, as many as fit. Null where nothing is left. */
  takeRest(): Resource[] | null {
    const batch: Resource[] = [];
    for (const [type, { resources }] of this.#groups) {
      if (batch.length > 0 && batch.length + resources.length > this.#parts.batchSize) continue;
      batch.push(...this.#take(type));
    }
    return batch.length > 0 ? batch : null;
  }

  #take(type: string): Resource[] {
    const resources = this.#groups.get(type)?.resources ?? [];
    const batch = resources.splice(0, this.#parts.batchSize);
    this.#groups.delete(type);
    if (resources.length > 0) this.#groups.set(type, { resources, since: this.#parts.now() });
    this.#waiting -= batch.length;
    return batch;
  }
}
