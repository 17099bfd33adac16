import Table from 'cli-table3';
import type { Screen } from './screen.ts';

/** What a column is called, and how it is set. */
export interface Column {
  title: string;
  align?: 'left' | 'right';
}

const NO_LINES = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((part) => [part, '']),
);

const NO_RULES_BETWEEN_ROWS = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };

/** Writes a table: framed on a rich screen, as aligned columns elsewhere. */
export function writeTable(
  screen: Screen,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): void {
  const table = new Table({
    head: columns.map(({ title }) => screen.color.bold(title)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    // Its own colours would ignore NO_COLOR.
    style: { head: [], border: [], 'padding-left': screen.isRich ? 1 : 0, 'padding-right': 1 },
    chars: screen.isRich ? NO_RULES_BETWEEN_ROWS : { ...NO_LINES, middle: ' ' },
  });
  for (const row of rows) table.push([...row]);
  for (const line of table.toString().split('\n')) screen.line(line.trimEnd());
}
