/**
 * Storage beside node:sqlite alone and PGlite: search, upsert, chat, backup, file size. Writes `results/storage.json`.
 *
 *     npx --yes pnpm@12 bench storage
 *
 * `BENCH_SCALE=0.1` makes everything a tenth of the size; the goals hold at 1. `BENCH_ONLY=chat` or `estate` leaves out the other.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envKey, StorageService } from 'cloudops-storage-service';
import { benchBackup } from './storage/backup.ts';
import { benchChat } from './storage/chat.ts';
import { benchCliffs } from './storage/cliffs.ts';
import { resources } from './storage/dataset.ts';
import { benchRoom, growEstate, seeAgain } from './storage/estate.ts';
import { longestBlock, rate, results } from './storage/measure.ts';
import { Peer } from './storage/peer.ts';
import { RawEstate } from './storage/raw.ts';
import { benchSearch } from './storage/search.ts';

const scale = Number(process.env['BENCH_SCALE'] ?? 1);
const only = process.env['BENCH_ONLY'];
const folder = mkdtempSync(join(tmpdir(), 'cloudops-bench-'));
const keys = envKey('KEY', { KEY: randomBytes(32).toString('base64') });

async function chat(): Promise<void> {
  const backend = { kind: 'embedded', path: join(folder, 'chat.db') } as const;
  await using storage = await StorageService.open({ backend, keys });
  await benchChat(storage, folder, 1_000_000 * scale);
}

async function estate(): Promise<void> {
  await using storage = await StorageService.open({
    backend: { kind: 'embedded', path: join(folder, 'estate.db') },
    keys,
    backup: { target: { kind: 'folder', path: join(folder, 'backups') } },
  });
  const raw = new RawEstate(join(folder, 'raw-estate.db'));
  const [small, middle, large] = [10_000 * scale, 20_000 * scale, 100_000 * scale];
  await growEstate(storage, raw, { from: 0, size: small });
  await withPeer(small, (peer) =>
    benchSearch(storage, raw, {
      size: small,
      peer,
      goals: { all: { atMost: { p50: 12, p95: 25 } }, tenth: { atMost: { p50: 12, p95: 25 } } },
    }),
  );
  await growEstate(storage, raw, {
    from: small,
    size: middle,
    goal: { atLeast: { 'per s': 4000 } },
  });
  await growEstate(storage, raw, {
    from: middle,
    size: large,
    goal: { atLeast: { 'per s': 3000 } },
  });
  await seeAgain(storage, large);
  await benchRoom(storage, large);
  await benchSearch(storage, raw, {
    size: large,
    goals: { all: { atMost: { p50: 80 } }, tenth: { atMost: { p50: 30 } } },
  });
  raw.close();
  await benchBackup(storage, folder, keys);
  await benchCliffs(storage, large);
}

async function withPeer(size: number, use: (peer: Peer) => Promise<void>): Promise<void> {
  const peer = await Peer.open(join(folder, 'peer'));
  const items = resources(0, size);
  results.add(`PGlite with pgvector: insert of ${size}`, {
    'per s': await rate(size, () => peer.insert(items)),
  });
  await use(peer);
  await peer.close();
}

try {
  if (only !== 'estate') await chat();
  if (only !== 'chat') await estate();
  const { what, ms } = longestBlock();
  results.add(
    `event loop of the caller, the longest stop (${what})`,
    { ms },
    { atMost: { ms: 20 } },
  );
  results.save({ scale });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
