import { type Embedder, EstateScanner, ServiceScannerRegistry } from 'cloudops-estate-scanner';
import { moreScanners } from 'cloudops-estate-scanner/scanners';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { listerOf } from './lister.ts';
import type { Study } from './study.ts';

/** Scans the accounts of a study into a store of its own; everything behind the CLI is real. */
export async function scanned(study: Study, embedder: Embedder): Promise<StorageService> {
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys: noEncryption(),
    embedder,
  });
  for (const [account, answers] of study.accounts) {
    const scanner = new EstateScanner({
      engine: listerOf(answers, account),
      store: storage.estate,
      embedder,
      registry: ServiceScannerRegistry.builtIn().register(...moreScanners),
      iam: false,
    });
    const { errors } = await scanner.scan({ regions: study.regions });
    if (errors.length > 0) throw new Error(JSON.stringify(errors[0]));
  }
  const { records } = await storage.estate.list({ limit: 1000 });
  const found = new Set(records.map(({ key }) => key));
  const wrong = [
    ...[...study.keys].filter((key) => !found.has(key)),
    ...[...found].filter((key) => !study.keys.has(key)),
  ];
  if (wrong.length > 0) throw new Error(`lost or not known: ${wrong.join(', ')}`);
  return storage;
}
