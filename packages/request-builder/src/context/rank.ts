import type { EstateRecord } from 'cloudops-storage-service';

/** A resource that was found for a message, with the store's own score. */
export interface Candidate {
  record: EstateRecord;
  score: number;
}

/** A resource in its place, with the builder's score from 0 to 1. */
export interface RankedResource extends Candidate {
  /** Whether the message has its id, its ARN or its name. */
  isNamed: boolean;
  /** Whether it is only there because a named one points at it. */
  isRelated: boolean;
}

const DAY_MS = 86_400_000;

/**
 * Orders candidates: mostly by the store's score, then by whether the message names them, how lately they were seen, and whether the caller may touch them at all.
 *
 * Ties keep the store's order. A record that came twice counts once.
 */
export function rankResources(
  candidates: readonly Candidate[],
  message: string,
  now: number,
): { ranked: RankedResource[]; duplicates: number } {
  const best = Math.max(...candidates.map(({ score }) => score), Number.MIN_VALUE);
  const text = message.toLowerCase();
  const byKey = new Map<string, RankedResource>();
  for (const { record, score } of candidates) {
    if (byKey.has(record.key)) continue;
    const isNamed = standsIn(record, text);
    const relevance = Math.max(0, score) / best;
    const total =
      0.7 * relevance +
      0.2 * (isNamed ? 1 : 0) +
      0.05 * freshness(record.last_seen, now) +
      0.05 * (isOutOfReach(record) ? 0 : 1);
    byKey.set(record.key, { record, score: total, isNamed, isRelated: false });
  }
  const ranked = [...byKey.values()].sort((a, b) => b.score - a.score);
  return { ranked, duplicates: candidates.length - ranked.length };
}

function standsIn(record: EstateRecord, text: string): boolean {
  const id = record.resource_id.slice(record.resource_id.indexOf('/') + 1);
  return [id, record.arn, record.name].some(
    (name) => name !== null && name.length >= 3 && text.includes(name.toLowerCase()),
  );
}

/** 1 for just seen, half after a week. */
function freshness(lastSeen: string, now: number): number {
  const age = Math.max(0, now - Date.parse(lastSeen));
  return 0.5 ** (age / (7 * DAY_MS));
}

/** IAM was asked, and nothing is allowed. */
function isOutOfReach({ permissions }: EstateRecord): boolean {
  if (permissions?.status !== 'evaluated') return false;
  return permissions.allowed.length === 0 && permissions.conditional.length === 0;
}
