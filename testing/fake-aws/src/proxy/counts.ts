import type { AwsCall } from './call.ts';

/** Counts calls by what they were and where. */
export interface CallCounts {
  add(call: Pick<AwsCall, 'service' | 'operation' | 'region'>): void;
  /** Calls per `service:Operation`, e.g. `{ 'ec2:DescribeInstances': 3 }`. */
  byOperation(): Record<string, number>;
  /** The same per region: `{ 'eu-west-1': { 'ec2:DescribeInstances': 3 } }`. */
  byRegion(): Record<string, Record<string, number>>;
  reset(): void;
}

/** A counter that starts empty. */
export function callCounts(): CallCounts {
  const regions = new Map<string, Map<string, number>>();
  return {
    add({ service, operation, region }) {
      const counts = regions.get(region) ?? new Map<string, number>();
      const name = `${service}:${operation}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      regions.set(region, counts);
    },
    byOperation() {
      const total: Record<string, number> = {};
      for (const counts of regions.values()) {
        for (const [name, count] of counts) total[name] = (total[name] ?? 0) + count;
      }
      return total;
    },
    byRegion: () =>
      Object.fromEntries(
        [...regions].map(([region, counts]) => [region, Object.fromEntries(counts)]),
      ),
    reset: () => regions.clear(),
  };
}
