import { existsSync } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { removeKeeperFolders } from '../keeper/folders.ts';
import { exitRecordPath, spoolPath } from '../keeper/protocol.ts';
import type { ExitRecord, KeeperConfig } from '../keeper/protocol.ts';
import { Failure } from '../result.ts';
import type { LaunchTicket } from '../state/record.ts';
import type { SecretVariables } from '../state/secrets-apart.ts';
import { KeeperConnection } from './keeper-connection.ts';
import { startKeeper } from './keeper-process.ts';
import type { KeeperSettings } from './keeper-process.ts';
import { removeKeeperRemains } from './keeper-remains.ts';
import { SpoolReader } from '../keeper/spool-reader.ts';
import { KeptProcess } from './kept-process.ts';
import type { Launcher, LaunchSpec, OutputSink, RunningProcess } from './launch.ts';
import { terminate } from './terminate.ts';

const StoredExit = z.object({
  code: z.int().nullable(),
  signal: z.string().nullable(),
  killed: z.boolean(),
  failure: Failure.optional(),
  bytes: z.int(),
  pipesHeldOpen: z.boolean(),
  stdinTruncated: z.boolean(),
  redacted: z.boolean().optional(),
});

/**
 * Starts processes through a keeper: a small process of its own that owns them. Starting one costs the same in a host
 * with a large heap, output is kept in spools until it was read, and processes end with their host also when the host
 * is killed.
 */
export class KeeperLauncher implements Launcher {
  readonly #parent: () => Promise<string>;
  readonly #settings: KeeperSettings;
  readonly #earlier = new Map<string, Promise<KeeperConnection | null>>();
  #connection: Promise<KeeperConnection> | null = null;
  #count = 0;

  /** @param parent makes the folder below which the keeper gets its own */
  constructor(parent: () => Promise<string>, settings: KeeperSettings) {
    this.#parent = parent;
    this.#settings = settings;
  }

  async reserve(executionId: string): Promise<LaunchTicket> {
    const { config } = await this.#connect();
    this.#count += 1;
    return { launch: `${executionId}.${this.#count}`, keeper: config };
  }

  async launch(
    spec: LaunchSpec,
    sink: OutputSink,
    ticket: LaunchTicket | null,
  ): Promise<RunningProcess> {
    const { launch } = ticket ?? (await this.reserve(spec.executionId));
    const connection = await this.#connect();
    return connection.follow({ op: 'launch', launch, spec }, spec.executionId, sink);
  }

  async resume(
    executionId: string,
    { launch, keeper }: LaunchTicket,
    sink: OutputSink,
  ): Promise<RunningProcess> {
    const connection = await this.#reopen(keeper);
    if (connection !== null) {
      try {
        return await connection.follow({ op: 'attach', launch }, executionId, sink, () => {
          connection.retire();
        });
      } catch (error) {
        // A keeper that was just leaving has left a record.
        if (connection.isOpen) throw error;
      }
    }
    const record = await readRecord(exitRecordPath(keeper.folder, launch));
    const reader = new SpoolReader({
      path: (segment) => spoolPath(keeper.folder, launch, segment),
      sink,
      onRead: () => {},
      keep: true,
    });
    const process = new KeptProcess(reader, () => void removeRemains(keeper, launch));
    // Without keeper or record nobody owns it: what may still run ends here.
    if (record === null) await terminate({ cookies: new Set([executionId]), leaders: [] }, 0);
    process.handle({ event: 'started', launch, pid: 0, startTime: null });
    if (record === null) process.lose();
    else {
      process.handle({ event: 'exited', launch, ...record });
      process.handle({ event: 'ended', launch, ...record });
    }
    return process.started();
  }

  async recall({ launch, keeper }: LaunchTicket): Promise<SecretVariables | null> {
    const connection = await this.#reopen(keeper);
    const secrets = connection?.isOpen === true ? await connection.recall(launch) : null;
    if (secrets !== null) return secrets;
    const record = await readRecord(exitRecordPath(keeper.folder, launch));
    return record?.redacted === true ? {} : null;
  }

  /** The keeper of an earlier engine; null where it is gone. */
  #reopen(keeper: KeeperConfig): Promise<KeeperConnection | null> {
    const opening =
      this.#earlier.get(keeper.socket) ?? KeeperConnection.open(keeper).catch(() => null);
    this.#earlier.set(keeper.socket, opening);
    return opening;
  }

  async removeRemains(needed: ReadonlySet<string>): Promise<void> {
    await removeKeeperRemains(await this.#parent(), needed);
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    this.#connection = null;
    await connection?.close();
    for (const opening of this.#earlier.values()) await (await opening)?.close();
  }

  /** The keeper of this engine; a new one where the old one was lost. */
  async #connect(): Promise<KeeperConnection> {
    const current = (this.#connection ??= this.#start());
    const connection = await current;
    if (connection.isOpen && existsSync(connection.config.folder)) return connection;
    // Someone removed its folder: it can start nothing more, but what it runs is still its own.
    if (connection.isOpen) this.#earlier.set(connection.config.socket, current);
    if (this.#connection === current) this.#connection = null;
    return this.#connect();
  }

  async #start(): Promise<KeeperConnection> {
    try {
      const { socket, config } = await startKeeper(await this.#parent(), this.#settings);
      return new KeeperConnection(socket, config);
    } catch (error) {
      this.#connection = null;
      throw error;
    }
  }
}

async function readRecord(path: string): Promise<ExitRecord | null> {
  try {
    return StoredExit.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** Removes what a keeper that is gone left of one launch, and its folder with the last of them. */
async function removeRemains(keeper: KeeperConfig, launch: string): Promise<void> {
  try {
    for (const name of await readdir(keeper.folder)) {
      if (name.startsWith(`${launch}.`)) await rm(join(keeper.folder, name), { force: true });
    }
    const left = await readdir(keeper.folder);
    const isRemains = (name: string) => name.endsWith('.spool') || name.endsWith('.exit');
    if (!left.some(isRemains)) await removeKeeperFolders(keeper);
  } catch {
    // They do no harm, and another engine may be doing the same.
  }
}
