// Reads the estate of a region and finds something in it: main.ts [what], with AWS credentials in the environment.
import { ExecutionEngine } from 'cloudops-execution-engine';
import { EstateScanner } from 'cloudops-estate-scanner';
import { noEncryption, StorageService } from 'cloudops-storage-service';

const endpointUrl = process.env['AWS_ENDPOINT_URL'];
const engine = new ExecutionEngine(endpointUrl === undefined ? {} : { awsCli: { endpointUrl } });
// In memory, so there is nothing to encrypt; a store that is kept takes a key: osKeychain() or fileKey(path).
const storage = await StorageService.open({
  backend: { kind: 'embedded', path: ':memory:' },
  keys: noEncryption(),
});
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
try {
  const scanner = new EstateScanner({ engine, store: storage.estate });
  const region = process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  const report = await scanner.scan({
    signal: stop.signal,
    ...(region === undefined ? {} : { regions: [region] }),
  });
  console.log(`${report.status}: ${report.counts.discovered} resources`);
  for (const { code, message } of report.errors) console.error(`${code}: ${message}`);

  const text = process.argv.slice(2).join(' ') || 'production database';
  for (const { score, record } of await storage.estate.search({ text, limit: 5 })) {
    console.log(
      `${score.toFixed(3)}  ${record.name ?? ''}  ${record.resource_type}  ${record.region}`,
    );
  }
} finally {
  await storage.close();
  await engine.close();
}
