import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { classes, type Counts, countBy } from './table.ts';

const RiskClass = z.enum(classes);
type RiskClass = z.infer<typeof RiskClass>;

/** What a person said of an operation after reading its documentation. */
export interface Label {
  /** `ec2 describe-instances`. */
  operation: string;
  risk: RiskClass;
  /** Drawn from all operations alike, or only from those whose first word is none of the seven usual ones. */
  sample: 'uniform' | 'unusual';
}

const Line = z.tuple([z.string(), RiskClass, z.enum(['uniform', 'unusual'])]);

/** The labels in `labels.tsv`, which were given without a look at what the classifier says. */
export function readLabels(): Label[] {
  const file = new URL('./labels.tsv', import.meta.url);
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [operation, risk, sample] = Line.parse(line.split('\t'));
    return { operation, risk, sample };
  });
}

/** How the classes compare with the labels. */
export interface Comparison {
  total: number;
  agreed: number;
  /** `operation: label → class`. */
  tooLow: string[];
  tooHigh: string[];
  /** Labelled as a change, classed read_only or sensitive_read. */
  writesAsReads: string[];
  matrix: Counts;
  /** Agreement in each part of the sample, `287 of 300`. */
  bySample: Record<string, string>;
}

/** Compares; a label whose operation the installed CLI does not know is left out. */
export function againstLabels(
  labels: readonly Label[],
  classOf: ReadonlyMap<string, string>,
): Comparison {
  const pairs = labels.flatMap(({ operation, risk, sample }) => {
    const found = RiskClass.safeParse(classOf.get(operation));
    return found.success ? [{ operation, sample, label: risk, risk: found.data }] : [];
  });
  const distance = (pair: { label: RiskClass; risk: RiskClass }) =>
    classes.indexOf(pair.risk) - classes.indexOf(pair.label);
  const lineOf = (pair: (typeof pairs)[number]) =>
    `${pair.operation}: ${pair.label} → ${pair.risk}`;
  const isRead = (risk: RiskClass) => classes.indexOf(risk) < classes.indexOf('mutating');
  return {
    total: pairs.length,
    agreed: pairs.filter((pair) => distance(pair) === 0).length,
    tooLow: pairs.filter((pair) => distance(pair) < 0).map(lineOf),
    tooHigh: pairs.filter((pair) => distance(pair) > 0).map(lineOf),
    writesAsReads: pairs.filter((pair) => !isRead(pair.label) && isRead(pair.risk)).map(lineOf),
    bySample: Object.fromEntries(
      [...new Set(pairs.map(({ sample }) => sample))].map((sample) => {
        const part = pairs.filter((pair) => pair.sample === sample);
        const agreed = part.filter((pair) => distance(pair) === 0);
        return [sample, `${agreed.length} of ${part.length}`];
      }),
    ),
    matrix: countBy(
      pairs,
      ({ label }) => label,
      ({ risk }) => risk,
    ),
  };
}
