import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { envKey, StorageService } from 'cloudops-storage-service';
import { BackupScheduler } from '../../src/backup/scheduler.ts';
import { FolderTarget } from '../../src/backup/folder-target.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();
const keys = envKey('K', { K: Buffer.alloc(32, 7).toString('base64') });

const open = (path: string, schedule?: string) =>
  StorageService.open({
    backend: { kind: 'embedded', path: ':memory:' },
    keys,
    backup: { target: { kind: 'folder', path }, ...(schedule === undefined ? {} : { schedule }) },
  });

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !condition() && Date.now() < deadline;)
    await delay(50);
}

it('makes and verifies one backup per time, however many wait for it', async () => {
  const path = join(folder, 'shared');
  // A process that is just about to put its lease, and one of an earlier time that is done.
  await mkdir(join(path, 'leases'), { recursive: true });
  await writeFile(join(path, 'leases', '.under-way.tmp'), '');
  await writeFile(join(path, 'leases', '2020-01-01T00-00-00'), '');
  await using one = await open(path);
  await using two = await open(path);
  const soon = new Date(Date.now() + 1500).toISOString().slice(0, 19);
  const schedulers = [one, two].map(
    (storage) => new BackupScheduler(soon, storage.backups, new FolderTarget(path), 0),
  );
  await until(() => schedulers.some((scheduler) => scheduler.status().last_run !== null));
  await until(() => schedulers.every((scheduler) => !scheduler.status().is_running));
  const runs = schedulers.flatMap((scheduler) => scheduler.status().last_run ?? []);
  expect(runs.map((run) => run.error)).toEqual([null]);
  expect(await one.backups.list()).toMatchObject([
    { id: runs[0]?.id, verified_at: expect.any(String) },
  ]);
  const leases = await readdir(join(path, 'leases'));
  expect(leases.length).toBe(2);
  expect(leases).toContain('.under-way.tmp');
  for (const scheduler of schedulers) await scheduler.close();
});

it('says in its status what went wrong', async () => {
  const nowhere = join(folder, 'a-file', 'nowhere');
  await writeFile(join(folder, 'a-file'), '');
  await using storage = await open(nowhere);
  const soon = new Date(Date.now() + 1500).toISOString().slice(0, 19);
  const scheduler = new BackupScheduler(soon, storage.backups, new FolderTarget(nowhere), 0);
  await until(() => scheduler.status().last_run !== null);
  expect(scheduler.status().last_run?.error?.code).toBe('BACKUP_FAILED');
  await scheduler.close();
});

it('follows the schedule of the options, and refuses what is none', async () => {
  await using storage = await open(join(folder, 'cron'), '0 3 * * *');
  expect(storage.backupSchedule()).toMatchObject({
    next_run: expect.stringMatching(/T03:00:00/u),
    is_running: false,
    last_run: null,
  });
  await expect(open(join(folder, 'cron'), 'sometimes')).rejects.toMatchObject({
    code: 'INVALID_INPUT',
  });
});
