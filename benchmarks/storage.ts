/**
 * Storage beside node:sqlite alone: search, upsert, chat, file size. Writes `results/storage.json`.
 *
 *     node --conditions=cloudops-source benchmarks/storage.ts
 *
 * `CLOUDOPS_BENCH_SCALE=0.1` makes it a tenth of the size. There is no peer in the table: LanceDB and PGlite are no dependencies here.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envKey, StorageService } from 'cloudops-storage-service';
import { benchChat } from './storage/chat.ts';
import { benchEstate } from './storage/estate.ts';
import { saveReport } from './storage/measure.ts';

const scale = Number(process.env['CLOUDOPS_BENCH_SCALE'] ?? 1);
const folder = mkdtempSync(join(tmpdir(), 'cloudops-bench-'));
const keys = envKey('KEY', { KEY: randomBytes(32).toString('base64') });

async function withStore(
  name: string,
  use: (storage: StorageService) => Promise<void>,
): Promise<void> {
  const path = join(folder, `${name}.db`);
  await using storage = await StorageService.open({ backend: { kind: 'embedded', path }, keys });
  await use(storage);
}

try {
  await withStore('chat', (storage) => benchChat(storage, folder, 1_000_000 * scale));
  for (const size of [10_000, 100_000]) {
    await withStore(`estate-${size}`, (storage) => benchEstate(storage, folder, size * scale));
  }
  saveReport();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
