import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { StorageOptions, StorageService } from 'cloudops-storage-service';
import { results, watched } from './measure.ts';

const goal = { atLeast: { 'MB/s': 20 } };

/** Backup into a folder, and restore of it into a new file; MB are those of the NDJSON that is packed. */
export async function benchBackup(
  storage: StorageService,
  folder: string,
  keys: StorageOptions['keys'],
): Promise<void> {
  const megabytes = (await exportedBytes(storage)) / 1e6;
  const made = await measured(() => watched('backups.run', () => storage.backups.run()));
  const { resources } = made.result;
  results.add(
    `backup of ${resources} resources`,
    { 'MB/s': megabytes / made.seconds, s: made.seconds, 'RSS + MB': made.memory },
    goal,
  );
  const backend = { kind: 'embedded', path: join(folder, 'restored.db') } as const;
  const restored = await measured(() =>
    watched('backups.restore', () => storage.backups.restore(made.result.id, { backend, keys })),
  );
  results.add(
    `restore of ${resources} resources`,
    { 'MB/s': megabytes / restored.seconds, s: restored.seconds, 'RSS + MB': restored.memory },
    goal,
  );
  await restored.result.close();
}

async function exportedBytes(storage: StorageService): Promise<number> {
  const stream = new PassThrough();
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await watched('exportTo', () => storage.exportTo(stream));
  stream.end();
  return bytes;
}

/** How long something takes, and by how much the memory of the process rises meanwhile. */
async function measured<T>(
  work: () => Promise<T>,
): Promise<{ result: T; seconds: number; memory: number }> {
  const before = process.memoryUsage.rss();
  let highest = before;
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, 50);
  const start = performance.now();
  try {
    const result = await work();
    const seconds = (performance.now() - start) / 1000;
    return { result, seconds, memory: Math.round((highest - before) / 1e6) };
  } finally {
    clearInterval(timer);
  }
}
