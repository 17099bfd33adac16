import { rename, rm, writeFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { messageOf, systemErrorCode } from '../errors.ts';
import type { Drained, Launcher, LaunchSpec, RunningProcess } from '../process/launch.ts';
import { removeTemporary } from '../process/temporary.ts';
import type { SecretVariables } from '../state/secrets-apart.ts';
import { exitRecordPath, spoolPath } from './protocol.ts';
import type { ExitMessage, ExitRecord, FromKeeper, KeeperConfig } from './protocol.ts';
import { redactSpool } from './redact-spool.ts';
import type { SegmentPath } from './spool.ts';
import { SpoolWriter } from './spool-writer.ts';

/** One process that the keeper looks after, from its start to the end of its output. */
export class KeptChild {
  readonly launch: string;
  readonly executionId: string;
  /** In memory alone, for an engine that takes over. */
  readonly secrets: SecretVariables;
  /** Resolves when its record is complete. */
  readonly ended: Promise<void>;
  readonly #isUnlogged: boolean;
  readonly #config: KeeperConfig;
  readonly #send: (message: FromKeeper) => void;
  readonly #spool: SpoolWriter;
  readonly #spoolPath: SegmentPath;
  #running: RunningProcess | null = null;
  #killed = false;
  #refusal: FromKeeper | null = null;
  #exit: ExitMessage | null = null;
  #record: ExitRecord | null = null;

  constructor(
    launch: string,
    spec: LaunchSpec,
    launcher: Launcher,
    config: KeeperConfig,
    send: (message: FromKeeper) => void,
  ) {
    this.launch = launch;
    this.executionId = spec.executionId;
    this.secrets = Object.fromEntries(
      spec.secretNames.flatMap((name) => {
        const value = spec.env[name];
        return value === undefined ? [] : [[name, value]];
      }),
    );
    this.#isUnlogged = spec.isUnlogged === true;
    this.#config = config;
    this.#send = send;
    this.#spoolPath = (segment) => spoolPath(config.folder, launch, segment);
    this.#spool = new SpoolWriter(this.#spoolPath, config.spoolLimitBytes, {
      onGrown: (bytes) => send({ event: 'spooled', launch, bytes }),
      onFailed: (error) =>
        send({
          event: 'spool_failed',
          launch,
          errno: systemErrorCode(error),
          message: messageOf(error),
        }),
    });
    this.ended = this.#run(spec, launcher);
  }

  /** The process, while it runs. */
  get running(): RunningProcess | null {
    return this.#exit === null ? this.#running : null;
  }

  /** Notes that what comes now is the keeper's doing; gives the process, where it runs. */
  markKilled(): RunningProcess | null {
    this.#killed = true;
    // Nobody reads any more: what it still says must not wait for a reader, or its end would never come.
    this.#spool.readTo(Number.POSITIVE_INFINITY);
    return this.running;
  }

  /** The engine has read the spool so far. */
  readTo(bytes: number): void {
    this.#spool.readTo(bytes);
  }

  /** Tells a new engine everything that the old one may have missed. */
  tellAgain(): void {
    const { launch } = this;
    if (this.#refusal !== null) this.#send(this.#refusal);
    if (this.#running === null) return;
    const { pid, startTime, way } = this.#running;
    this.#send({ event: 'started', launch, pid, startTime, way });
    if (this.#spool.size > 0) this.#send({ event: 'spooled', launch, bytes: this.#spool.size });
    if (this.#exit !== null) this.#send({ event: 'exited', launch, ...this.#exit });
    if (this.#record !== null) this.#send({ event: 'ended', launch, ...this.#record });
  }

  /** Leaves nothing on disk that was to be in no log, and no secret: nobody will know any more what to mask. */
  async redact(): Promise<void> {
    await this.ended;
    if (this.#record === null) return;
    const isPrivate = this.#isUnlogged && this.#config.onHostDeath === 'kill';
    const secrets = Object.values(this.secrets);
    if (!isPrivate && secrets.length === 0) return;
    if (isPrivate) await this.#removeSpool();
    else await redactSpool(this.#spoolPath, this.#spool.segments, secrets);
    this.#record = { ...this.#record, redacted: true, ...(isPrivate && { bytes: 0 }) };
    await this.#writeRecord(this.#record);
  }

  /** Removes what it left on disk. */
  async forget(): Promise<void> {
    await this.ended;
    await this.#removeSpool();
    if (this.#config.durable) {
      await rm(exitRecordPath(this.#config.folder, this.launch), { force: true });
    }
  }

  async #removeSpool(): Promise<void> {
    for (let segment = 0; segment < this.#spool.segments; segment += 1) {
      await rm(this.#spoolPath(segment), { force: true });
    }
  }

  async #run(spec: LaunchSpec, launcher: Launcher): Promise<void> {
    const { launch } = this;
    try {
      this.#running = await launcher.launch(
        spec,
        (stream, chunk) => this.#spool.write(stream, chunk),
        null,
      );
    } catch (error) {
      const errno = systemErrorCode(error instanceof Error ? error.cause : null);
      this.#refusal = { event: 'refused', launch, message: messageOf(error), errno };
      this.#send(this.#refusal);
      return;
    }
    const { pid, startTime, way, exited, drained } = this.#running;
    this.#send({ event: 'started', launch, pid, startTime, way });
    this.#exit = { ...(await exited), killed: this.#killed };
    const recorded = this.#recordEnd(this.#exit, drained);
    // Most outputs end with their process: then one message says both.
    await Promise.race([recorded, nextTurn()]);
    if (this.#record === null) this.#send({ event: 'exited', launch, ...this.#exit });
    this.#send({ event: 'ended', launch, ...(await recorded) });
    // The host does so as well, if it lives.
    await removeTemporary(spec.temporary).catch(() => {});
  }

  async #recordEnd(exit: ExitMessage, drained: Promise<Drained>): Promise<ExitRecord> {
    const { pipesHeldOpen, stdinTruncated } = await drained;
    await this.#spool.end();
    const record = { ...exit, pipesHeldOpen, stdinTruncated, bytes: this.#spool.size };
    if (this.#config.durable) await this.#writeRecord(record);
    this.#record = record;
    return record;
  }

  /** Renamed into place, so that it is there completely or not at all. */
  async #writeRecord(record: ExitRecord): Promise<void> {
    const path = exitRecordPath(this.#config.folder, this.launch);
    try {
      await writeFile(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 });
      await rename(`${path}.tmp`, path);
    } catch (error) {
      const errno = systemErrorCode(error);
      this.#send({ event: 'spool_failed', launch: this.launch, errno, message: messageOf(error) });
    }
  }
}
