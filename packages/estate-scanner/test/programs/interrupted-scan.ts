/**
 * Scans with a checkpoint until it is killed: an argument names the folder, the environment says where AWS is. The scopes of one region are
 * finished, those of the other never are.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { EstateScanner, fileCheckpoints, ServiceScannerRegistry } from '../../src/index.ts';
import { listedScanner } from '../support/listed-scanner.ts';
import { MemoryStore } from '../support/memory-store.ts';

const [folder = '', binary = ''] = process.argv.slice(2);
const engine = new ExecutionEngine({
  logDir: join(folder, 'logs'),
  awsCli: { binary, endpointUrl: process.env['AWS_ENDPOINT_URL'] ?? '' },
});
const things = listedScanner('things', 'things:thing', async function* ({ region }) {
  yield { resource_type: 'things:thing', id: `${region}-1` };
  if (region === 'us-east-1') await new Promise((resolve) => setTimeout(resolve, 600_000));
});
const store = new MemoryStore();
const upsert = store.upsert.bind(store);
store.upsert = async (items) => {
  const result = await upsert(items);
  writeFileSync(join(folder, 'stored'), [...store.records.keys()].join('\n'));
  return result;
};
const scanner = new EstateScanner({
  engine,
  store,
  registry: new ServiceScannerRegistry().register(things),
  iam: false,
  batchSize: 1,
  checkpoints: fileCheckpoints(join(folder, 'checkpoints')),
});
await scanner.scan({ regions: ['eu-west-1', 'us-east-1'], checkpoint: 'nightly' });
