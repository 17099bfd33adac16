import type { ScanContext } from '../service-scanner.ts';

const lists = {
  db: { operation: 'describe-db-snapshots', items: 'DBSnapshots', id: 'DBInstanceIdentifier' },
  cluster: {
    operation: 'describe-db-cluster-snapshots',
    items: 'DBClusterSnapshots',
    id: 'DBClusterIdentifier',
  },
} as const;

/** Snapshots by the name of their database; null where they could not be read. */
type Snapshots = ReadonlyMap<string, number> | null;

/**
 * Counts manual snapshots, with one call for all databases of a region when the first is asked for. The automatic ones are left out:
 * they come and go daily, and would make every scan a change.
 *
 * @returns the count of one database; null where it is unknown
 */
export function manualSnapshots(
  context: ScanContext,
  kind: keyof typeof lists,
): (id: string) => Promise<number | null> {
  let counted: Promise<Snapshots> | undefined;
  return async (id) => {
    counted ??= count(context, kind);
    const snapshots = await counted;
    return snapshots === null ? null : (snapshots.get(id) ?? 0);
  };
}

async function count(context: ScanContext, kind: keyof typeof lists): Promise<Snapshots> {
  const { operation, items, id } = lists[kind];
  const list = context.list('rds', operation, {
    parameters: { SnapshotType: 'manual' },
    query: `${items}[].{of: ${id}}`,
    pageSize: 100,
  });
  const counts = new Map<string, number>();
  try {
    for await (const { of } of list) {
      if (typeof of === 'string') counts.set(of, (counts.get(of) ?? 0) + 1);
    }
    return counts;
  } catch (error) {
    context.warn(error, `the snapshots of databases in ${context.region} are unknown`);
    return null;
  }
}
