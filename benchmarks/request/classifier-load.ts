import { execFileSync } from 'node:child_process';
import { percentilesOf } from '../measure/percentiles.ts';
import type { Report } from '../measure/report.ts';

const ROUNDS = 7;

/** In a new process each time: what the first classification costs after the package is there, and the second. */
const program = `
  import { classifyCommand } from 'cloudops-request-builder';
  const command = { type: 'aws_cli', service: 'ec2', operation: 'stop-instances' };
  const start = performance.now();
  await classifyCommand(command);
  const first = performance.now() - start;
  const again = performance.now();
  await classifyCommand({ ...command, operation: 'start-instances' });
  console.log(JSON.stringify({ first, second: performance.now() - again }));
`;

/** How long the data of the classifier takes to load, once, when it is first needed. */
export async function benchClassifierLoad(report: Report): Promise<void> {
  const first: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const output = execFileSync(
      process.execPath,
      ['--conditions=cloudops-source', '--input-type=module', '-e', program],
      { cwd: import.meta.dirname, encoding: 'utf8' },
    );
    const times: unknown = JSON.parse(output);
    if (typeof times === 'object' && times !== null && 'first' in times) {
      first.push(Number(times.first));
    }
  }
  report.add('first classification in a process', percentilesOf(first), { atMost: { p95: 60 } });
}
