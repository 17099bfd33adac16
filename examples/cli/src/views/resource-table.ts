import type { Column } from '../terminal/table.ts';
import { writeTable } from '../terminal/table.ts';
import type { Screen } from '../terminal/screen.ts';

/** What the table counts: any record or resource. */
export interface Counted {
  resource_type: string;
  region: string;
}

/** How many there are of each type in each region, and in all. */
export interface ResourceCounts {
  regions: string[];
  rows: { type: string; counts: number[]; total: number }[];
  total: number;
}

/** Counts resources by type and region, both in alphabetical order. */
export function countByTypeAndRegion(resources: Iterable<Counted>): ResourceCounts {
  const byType = new Map<string, Map<string, number>>();
  const regions = new Set<string>();
  let total = 0;
  for (const { resource_type: type, region } of resources) {
    const row = byType.get(type) ?? new Map<string, number>();
    row.set(region, (row.get(region) ?? 0) + 1);
    byType.set(type, row);
    regions.add(region);
    total += 1;
  }
  const sortedRegions = [...regions].sort();
  const rows = [...byType.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, row]) => ({
      type,
      counts: sortedRegions.map((region) => row.get(region) ?? 0),
      total: [...row.values()].reduce((sum, count) => sum + count, 0),
    }));
  return { regions: sortedRegions, rows, total };
}

/** Writes the table of {@link countByTypeAndRegion}, with totals; regions that do not fit are added up in one column. */
export function showResourceTable(screen: Screen, counts: ResourceCounts): void {
  const { regions, rows, total } = fitted(counts, screen.width);
  const right = (title: string): Column => ({ title, align: 'right' });
  const text = (count: number) => (count === 0 ? '·' : String(count));
  writeTable(
    screen,
    [{ title: 'type' }, ...regions.map(right), right('total')],
    [
      ...rows.map(({ type, counts, total: sum }) => [type, ...counts.map(text), String(sum)]),
      [
        'total',
        ...regions.map((_, index) =>
          String(rows.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0)),
        ),
        String(total),
      ],
    ],
  );
}

/** A cell takes its text, a space on each side and, on a terminal, a rule. */
const CELL = 3;

/** Keeps the regions with the most resources, as many as fit beside types, the rest and the total. */
function fitted(counts: ResourceCounts, width: number): ResourceCounts {
  const { regions, rows, total } = counts;
  const sums = regions.map((_, index) =>
    rows.reduce((sum, row) => sum + (row.counts[index] ?? 0), 0),
  );
  const fixed = Math.max(5, ...rows.map(({ type }) => type.length)) + 5 + 2 * CELL;
  const needed = (indices: readonly number[]) =>
    indices.reduce((sum, index) => sum + (regions[index]?.length ?? 0) + CELL, fixed);
  const all = regions.map((_, index) => index);
  if (needed(all) <= width) return counts;
  const kept = all.toSorted((a, b) => (sums[b] ?? 0) - (sums[a] ?? 0));
  const others = '99 others'.length + CELL;
  while (kept.length > 1 && needed(kept) + others > width) kept.pop();
  kept.sort((a, b) => a - b);
  return {
    regions: [
      ...kept.map((index) => regions[index] ?? ''),
      `${regions.length - kept.length} others`,
    ],
    rows: rows.map((row) => {
      const shown = kept.map((index) => row.counts[index] ?? 0);
      const rest = row.total - shown.reduce((sum, count) => sum + count, 0);
      return { type: row.type, total: row.total, counts: [...shown, rest] };
    }),
    total,
  };
}
