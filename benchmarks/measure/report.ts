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

/** What came of a goal that is more than a bound. */
export interface Verdict {
  /** The goal, in words. */
  text: string;
  reached: boolean;
}

type Figures = Record<string, number | string>;

/** One line of the result. */
interface Row {
  what: string;
  figures: Figures;
  /** Absent: for comparison only. */
  goal?: string;
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
  add(what: string, figures: Figures, goal?: Goal | Verdict): void {
    const rounded = Object.fromEntries(
      Object.entries(figures).map(([name, value]) => [
        name,
        typeof value === 'number' ? Math.round(value * 100) / 100 : value,
      ]),
    );
    const verdict = goal && ('text' in goal ? goal : judged(rounded, goal));
    const reached = verdict?.reached ?? null;
    this.#rows.push({ what, figures: rounded, ...(verdict && { goal: verdict.text }), reached });
    const mark = reached === null ? '    ' : reached ? 'ok  ' : 'MISS';
    const values = Object.entries(rounded).map(([name, value]) => `${name} ${value}`);
    const text = verdict ? ` (${verdict.text})` : '';
    console.log(`${mark} ${what.padEnd(58)} ${values.join(' · ')}${text}`);
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

function judged(figures: Figures, { atMost = {}, atLeast = {} }: Goal): Verdict {
  const holds = (bounds: Record<string, number>, test: (value: number, bound: number) => boolean) =>
    Object.entries(bounds).every(([name, bound]) => test(Number(figures[name]), bound));
  const texts = [
    ...Object.entries(atMost).map(([name, bound]) => `${name} ≤ ${bound}`),
    ...Object.entries(atLeast).map(([name, bound]) => `${name} ≥ ${bound}`),
  ];
  return {
    text: texts.join(', '),
    reached:
      holds(atMost, (value, bound) => value <= bound) &&
      holds(atLeast, (value, bound) => value >= bound),
  };
}
