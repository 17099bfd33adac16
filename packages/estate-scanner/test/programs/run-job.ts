/** A worker of a queue: reads one job from standard input, scans its scope, writes the report. */
import { text } from 'node:stream/consumers';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { EstateScanner } from '../../src/index.ts';

const engine = new ExecutionEngine({
  logDir: process.argv[3] ?? '',
  awsCli: { binary: process.argv[2] ?? '', endpointUrl: process.env['AWS_ENDPOINT_URL'] ?? '' },
});
const scanner = new EstateScanner({ engine, iam: false });
const report = await scanner.scanScope(JSON.parse(await text(process.stdin)));
process.stdout.write(JSON.stringify(report));
await engine.close();
