import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { EstateScanner, type ScanReport } from 'cloudops-estate-scanner';
import { MiniLmEmbedder } from 'cloudops-estate-scanner/embedder';
import { createServer, RulePlanner } from 'cloudops-example-server';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { httpTransport, RequestBuilder, type BuilderEvent } from 'cloudops-request-builder';
import { fileKey, StorageService } from 'cloudops-storage-service';
import type { DemoEstate } from './estate.ts';

/** Everything the demo is made of, opened and wired. */
export interface DemoParts {
  storage: StorageService;
  embedder: MiniLmEmbedder;
  scanner: EstateScanner;
  builder: RequestBuilder;
  /** Processes of the AWS CLI so far. */
  cliCalls: () => number;
  /** Reports of what was scanned again after a playbook. */
  refreshes: ScanReport[];
}

/**
 * Opens all parts. Whatever was opened before one of them failed is on `cleanup`, which the caller disposes of.
 *
 * @param folder where store, key, logs and journal go
 */
export async function openParts(
  estate: DemoEstate,
  folder: string,
  cleanup: AsyncDisposableStack,
  onEvent: (event: BuilderEvent) => void,
): Promise<DemoParts> {
  let cliCalls = 0;
  const engine = new ExecutionEngine({
    awsCli: estate.awsCli,
    logDir: join(folder, 'logs'),
  }).withEventHandler({
    onEvent: (event) => {
      // A plan starts as well, but is no process.
      if (event.type === 'started' && event.pid !== null) cliCalls += 1;
    },
  });
  cleanup.defer(() => engine.close({ mode: 'kill' }));
  const embedder = new MiniLmEmbedder();
  cleanup.defer(() => embedder.close());
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path: join(folder, 'estate.db') },
    keys: fileKey(join(folder, 'store.key')),
    embedder,
  });
  cleanup.defer(() => storage.close());
  const scanner = new EstateScanner({
    engine,
    store: storage.estate,
    embedder,
    iam: estate.iam,
  });
  const token = randomBytes(24).toString('base64url');
  const server = await createServer({ planner: new RulePlanner(), token });
  cleanup.defer(() => server.close());
  const refreshes: ScanReport[] = [];
  const builder = new RequestBuilder({
    storage,
    engine,
    scanner: {
      refresh: async (keys, options) => {
        const report = await scanner.refresh(keys, options);
        refreshes.push(report);
        return report;
      },
    },
    transport: httpTransport({ url: server.url, token }),
    journalPath: join(folder, 'requests.journal'),
    client: 'cloudops-demo',
    onEvent,
  });
  return { storage, embedder, scanner, builder, cliCalls: () => cliCalls, refreshes };
}
