import { safe, type Screen } from '../terminal/screen.ts';
import { writeTable } from '../terminal/table.ts';

/** A resource before and after. */
export interface StateChange {
  name: string;
  id: string;
  region: string;
  before: string | null;
  after: string | null;
}

/** Writes what became of resources: their state before and after. */
export function showStateChanges(screen: Screen, changes: readonly StateChange[]): void {
  writeTable(
    screen,
    [
      { title: 'name' },
      { title: 'id' },
      { title: 'region' },
      { title: 'before' },
      { title: 'now' },
    ],
    changes.map(({ name, id, region, before, after }) => [
      safe(name),
      id,
      region,
      before ?? 'unknown',
      after ?? 'unknown',
    ]),
  );
}
