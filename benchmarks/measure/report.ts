import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** A goal of a row: met when none of the figures named is on the wrong side. */
export interface Goal {
  /** The highest figures that will do. */
  atMost?: Record<string, number>;
  /** The lowest. */
  atLeast?: Record<string, number>;
}

/** One line of the result. */
export interface Row {
  what: string;
  figures: Record<string, number>;
  /** Absent: for comparison only. */
  goal?: Goal;
  /** Null where there is no goal. */
  reached: boolean | null;
}

/** The result of one benchmark: printed line by line, and written to `results/NAME.json`. */
export class Report {
  readonly #name: string;
  readonly #rows: Row[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** Adds a line, and prints it at once. */
  add(what: string, figures: Record<string, number>, goal?: Goal): void {
    const rounded = Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [name, Math.round(value * 100) / 100]),
    );
    const reached = goal === undefined ? null : meets(rounded, goal);
    this.#rows.push({ what, figures: rounded, ...(goal && { goal }), reached });
    const mark = reached === null ? '    ' : reached ? 'ok  ' : 'MISS';
    const values = Object.entries(rounded).map(([name, value]) => `${name} ${value}`);
    console.log(`${mark} ${what.padEnd(58)} ${values.join(' · ').padEnd(40)} ${goalText(goal)}`);
  }

  /** Writes the rows, with what they were measured on, and says how many goals were reached. */
  save(setup: Record<string, number | string> = {}): void {
    const folder = join(import.meta.dirname, '../results');
    mkdirSync(folder, { recursive: true });
    const machine = {
      date: new Date().toISOString(),
      node: process.version,
      cpu: cpus()[0]?.model ?? '',
      cores: cpus().length,
    };
    const text = JSON.stringify({ ...machine, ...setup, rows: this.#rows }, null, 2);
    writeFileSync(join(folder, `${this.#name}.json`), `${text}\n`);
    const judged = this.#rows.filter(({ reached }) => reached !== null);
    const reached = judged.filter((row) => row.reached === true);
    console.log(`${reached.length} of ${judged.length} goals reached`);
  }
}

function meets(figures: Record<string, number>, { atMost = {}, atLeast = {} }: Goal): boolean {
  const holds = (bounds: Record<string, number>, test: (value: number, bound: number) => boolean) =>
    Object.entries(bounds).every(([name, bound]) => test(figures[name] ?? Number.NaN, bound));
  return (
    holds(atMost, (value, bound) => value <= bound) &&
    holds(atLeast, (value, bound) => value >= bound)
  );
}

function goalText({ atMost = {}, atLeast = {} }: Goal = {}): string {
  return [
    ...Object.entries(atMost).map(([name, bound]) => `${name} ≤ ${bound}`),
    ...Object.entries(atLeast).map(([name, bound]) => `${name} ≥ ${bound}`),
  ].join(', ');
}
