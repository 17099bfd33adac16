import type { EstateRecord } from 'cloudops-storage-service';
import type { BuilderStorage } from '../ports.ts';
import type { RankedResource } from './rank.ts';

/** Named resources whose surroundings are looked up, and how many of these come along. */
const MAX_NAMED = 5;
const MAX_RELATED = 20;

/** Below whatever was found for the words of the message with any confidence. */
const RELATED_SHARE = 0.5;

/**
 * What the named resources point at and the search did not find: an instance brings its network and its security groups. Where a relation names a key or an ARN, that is; an edge to
 * something that was never scanned brings nothing.
 *
 * @returns best first, each with half the score of what it came with
 */
export async function relatedTo(
  storage: BuilderStorage,
  ranked: readonly RankedResource[],
  accountId: string,
): Promise<RankedResource[]> {
  const scores = new Map<string, number>();
  const known = new Set(ranked.flatMap(({ record }) => [record.key, record.arn ?? record.key]));
  for (const { record, score } of ranked.filter(({ isNamed }) => isNamed).slice(0, MAX_NAMED)) {
    for (const { target } of record.relations) {
      if (scores.size >= MAX_RELATED) break;
      if (!known.has(target) && !scores.has(target)) scores.set(target, score * RELATED_SHARE);
    }
  }
  if (scores.size === 0) return [];
  const targets = [...scores.keys()];
  const arns = targets.filter((target) => target.startsWith('arn:'));
  const keys = targets.filter((target) => target.startsWith(`${accountId}-`));
  const [byKey, byArn] = await Promise.all([
    keys.length > 0 ? storage.estate.get(keys) : [],
    arns.length > 0 ? recordsByArn(storage, arns, accountId) : [],
  ]);
  return [...byKey, ...byArn]
    .filter((record) => record !== null && record.missing_since === null && !known.has(record.key))
    .flatMap((record) => {
      if (record === null) return [];
      const score = scores.get(record.key) ?? scores.get(record.arn ?? '') ?? 0;
      return [{ record, score, isNamed: false, isRelated: true }];
    });
}

async function recordsByArn(
  storage: BuilderStorage,
  arns: readonly string[],
  accountId: string,
): Promise<EstateRecord[]> {
  const { records } = await storage.estate.list({
    filter: {
      all: [
        { eq: { field: 'account_id', value: accountId } },
        { in: { field: 'arn', values: [...arns] } },
      ],
    },
    limit: MAX_RELATED,
  });
  return records;
}
