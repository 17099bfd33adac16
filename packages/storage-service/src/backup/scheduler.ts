import { setTimeout as delay } from 'node:timers/promises';
import { Cron } from 'croner';
import { StorageError } from '../errors.ts';
import type { BackupCollection } from './backups.ts';
import type { RestorableStorage } from './restore.ts';
import type { BackupTarget } from './target.ts';

/** How the schedule is doing. */
export interface BackupScheduleStatus {
  /** When it will run next: RFC 3339, UTC. */
  next_run: string | null;
  is_running: boolean;
  /** The last run of this process; null before the first. */
  last_run: {
    at: string;
    id: string | null;
    error: { code: string; message: string } | null;
  } | null;
}

/** So that many clients do not begin in the same second. */
const maxJitterMs = 30_000;
const leasePrefix = 'leases/';

/** What a schedule does with backups. */
type ScheduledBackups = Pick<BackupCollection<RestorableStorage>, 'run' | 'verify' | 'prune'>;

/** Runs, verifies and prunes backups at the times of a cron expression (UTC), once per time however many processes wait for it. */
export class BackupScheduler {
  readonly #cron: Cron;
  readonly #backups: ScheduledBackups;
  readonly #target: BackupTarget;
  readonly #jitterMs: number;
  readonly #stopped = new AbortController();
  #last: BackupScheduleStatus['last_run'] = null;
  #running: Promise<void> | null = null;

  /** @throws StorageError `INVALID_INPUT` when it is no cron expression */
  constructor(
    schedule: string,
    backups: ScheduledBackups,
    target: BackupTarget,
    jitterMs = maxJitterMs,
  ) {
    this.#backups = backups;
    this.#target = target;
    this.#jitterMs = jitterMs;
    try {
      // Unreferenced: a schedule does not keep a process alive. Protected: a slow run is not overtaken.
      this.#cron = new Cron(schedule, { timezone: 'UTC', unref: true, protect: true }, (cron) =>
        this.#runAt(cron.currentRun() ?? new Date()),
      );
    } catch (cause) {
      throw new StorageError('INVALID_INPUT', `backup.schedule: ${String(cause)}`, { cause });
    }
  }

  status(): BackupScheduleStatus {
    return {
      next_run: this.#cron.nextRun()?.toISOString() ?? null,
      is_running: this.#running !== null,
      last_run: this.#last,
    };
  }

  async #runAt(slot: Date): Promise<void> {
    const at = new Date().toISOString();
    const run = async () => {
      try {
        const { signal } = this.#stopped;
        await delay(Math.random() * this.#jitterMs, undefined, { signal, ref: false });
        if (!(await this.#takeLease(slot))) return;
        const { id } = await this.#backups.run({ signal });
        this.#last = { at, id, error: null };
        await this.#backups.verify(id, { signal });
        await this.#backups.prune();
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        const code = StorageError.is(error) ? error.code : 'BACKUP_FAILED';
        const message = error instanceof Error ? error.message : String(error);
        // Nobody awaits a schedule: the status says it.
        this.#last = {
          at,
          id: this.#last?.at === at ? this.#last.id : null,
          error: { code, message },
        };
      } finally {
        this.#running = null;
      }
    };
    this.#running = run();
    await this.#running;
  }

  /** Whoever writes the name of the time first does the work of that time. */
  async #takeLease(slot: Date): Promise<boolean> {
    const name = `${leasePrefix}${slot.toISOString().slice(0, 19).replaceAll(':', '-')}`;
    try {
      await this.#target.put(name, Buffer.from(`${process.pid}\n`));
    } catch (error) {
      if (StorageError.is(error) && error.code === 'ID_CONFLICT') return false;
      throw error;
    }
    for (const old of await this.#target.list(leasePrefix)) {
      // Nothing but leases: another process may be about to put its own, under a name for the time being.
      if (/\/\d/u.test(old) && old < name) await this.#target.remove(old);
    }
    return true;
  }

  /** Stops the schedule; a run under way is given up. */
  async close(): Promise<void> {
    this.#cron.stop();
    this.#stopped.abort();
    await this.#running;
  }
}
