/** Classes in rising order. */
export const classes = ['read_only', 'sensitive_read', 'mutating', 'destructive'] as const;

/** How often each pair occurs: row name → class → count. */
export type Counts = Map<string, Map<string, number>>;

/** Counts things by a row and a class. */
export function countBy<T>(
  things: readonly T[],
  rowOf: (thing: T) => string,
  classOf: (thing: T) => string,
): Counts {
  const counts: Counts = new Map();
  for (const thing of things) {
    const row = counts.get(rowOf(thing)) ?? new Map<string, number>();
    row.set(classOf(thing), (row.get(classOf(thing)) ?? 0) + 1);
    counts.set(rowOf(thing), row);
  }
  return counts;
}

/** The counts as a Markdown table, rows in order of their names. */
export function table(heading: string, counts: Counts): string {
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `| ${heading} | ${classes.join(' | ')} |`,
    `|---|${classes.map(() => '---:').join('|')}|`,
    ...rows.map(
      ([name, row]) => `| ${name} | ${classes.map((one) => row.get(one) ?? 0).join(' | ')} |`,
    ),
  ].join('\n');
}
