import type { BuilderScanner, BuilderStorage } from '../ports.ts';
import type { RankedResource } from './rank.ts';

/** How old knowledge is dealt with before a request is built. */
export interface RefreshSettings {
  readonly scanner: BuilderScanner;
  /** Older than this is stale, milliseconds. */
  readonly staleAfterMs: number;
  /** Told of what went wrong; the request is built with what is known. */
  readonly onWarning: (code: string, message: string) => void;
}

/** The best of what was found, beside what the message names: about the rest a playbook seldom is. */
const BEST = 10;
/** Each costs calls of the AWS CLI, and somebody waits. */
const MAX_REFRESHED = 25;
const TIMEOUT_MS = 30_000;

/**
 * Has what the request is most likely about scanned again where it was seen too long ago, so that the server plans with what is there now. What is gone meanwhile is left out.
 *
 * @returns the resources in their order, and how many were left out
 */
export async function refreshStale(
  storage: BuilderStorage,
  ranked: readonly RankedResource[],
  { scanner, staleAfterMs, onWarning }: RefreshSettings,
  signal: AbortSignal,
): Promise<{ ranked: RankedResource[]; gone: number }> {
  const limit = Date.now() - staleAfterMs;
  const keys = ranked
    .filter(({ isNamed }, index) => isNamed || index < BEST)
    .filter(({ record }) => Date.parse(record.last_seen) < limit)
    .map(({ record }) => record.key)
    .slice(0, MAX_REFRESHED);
  if (keys.length === 0) return { ranked: [...ranked], gone: 0 };
  try {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    const report = await scanner.refresh(keys, { signal: bounded });
    for (const { code, message } of report.errors) onWarning(code, message);
  } catch (error) {
    signal.throwIfAborted();
    onWarning('REFRESH_FAILED', error instanceof Error ? error.message : String(error));
  }
  const fresh = await storage.estate.get(keys);
  const byKey = new Map(keys.map((key, index) => [key, fresh[index] ?? null]));
  const left = ranked.flatMap((resource) => {
    const record = byKey.get(resource.record.key);
    if (record === undefined) return [resource];
    return record === null || record.missing_since !== null ? [] : [{ ...resource, record }];
  });
  return { ranked: left, gone: ranked.length - left.length };
}
