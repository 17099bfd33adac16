import { MessageDecoder, encodeMessage, spoolPath } from '../keeper/protocol.ts';
import type { FromKeeper, ToKeeper } from '../keeper/protocol.ts';
import { removeKeeperFolders, startKeeper } from './keeper-process.ts';
import type { KeeperProcess, KeeperSettings } from './keeper-process.ts';
import { KeptProcess } from './kept-process.ts';
import type { Launcher, LaunchSpec, OutputSink, RunningProcess } from './launch.ts';
import { terminate } from './terminate.ts';

/** The keeper hears how far its spool was read after so many bytes, and at least four times before it would wait. */
const REPORT_BYTES = 4 * 1024 * 1024;

/** How long a keeper that has nothing left to do may take to leave. */
const LEAVE_MS = 2000;

interface Launched {
  executionId: string;
  process: KeptProcess;
}

/**
 * Starts processes through a keeper: a small process of its own that owns them. Starting one costs the same in a host
 * with a large heap, output is kept in spools until it was read, and processes end with their host also when the host
 * is killed.
 */
export class KeeperLauncher implements Launcher {
  readonly #parent: () => Promise<string>;
  readonly #settings: KeeperSettings;
  readonly #launched = new Map<string, Launched>();
  #keeper: Promise<KeeperProcess> | null = null;
  #count = 0;

  /** @param parent makes the folder below which the keeper gets its own */
  constructor(parent: () => Promise<string>, settings: KeeperSettings) {
    this.#parent = parent;
    this.#settings = settings;
  }

  /** Starts the keeper, if it does not run. */
  async start(): Promise<KeeperProcess> {
    this.#keeper ??= this.#startKeeper();
    return this.#keeper;
  }

  async launch(spec: LaunchSpec, sink: OutputSink): Promise<RunningProcess> {
    const { socket, config } = await this.start();
    this.#count += 1;
    const launch = `${spec.executionId}.${this.#count}`;
    const send = (message: ToKeeper) => socket.write(encodeMessage(message));
    const reportBytes = Math.min(REPORT_BYTES, this.#settings.spoolLimitBytes / 4);
    let reported = 0;
    const process = new KeptProcess(
      spec.program,
      spoolPath(config.folder, launch),
      sink,
      (bytes) => {
        if (bytes - reported < reportBytes) return;
        reported = bytes;
        send({ op: 'read', launch, bytes });
      },
    );
    this.#launched.set(launch, { executionId: spec.executionId, process });
    // While something runs, the connection keeps the host alive.
    socket.ref();
    if (socket.destroyed) process.lose();
    else send({ op: 'launch', launch, spec });
    const forget = () => {
      this.#launched.delete(launch);
      if (!socket.destroyed) send({ op: 'forget', launch });
      if (this.#launched.size === 0) socket.unref();
    };
    try {
      const running = await process.started();
      void running.drained.then(forget);
      return running;
    } catch (error) {
      forget();
      throw error;
    }
  }

  async close(): Promise<void> {
    const keeper = await this.#keeper?.catch(() => null);
    this.#keeper = null;
    if (!keeper || keeper.socket.destroyed) return;
    const { socket, config } = keeper;
    const left = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LEAVE_MS);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    socket.ref();
    socket.write(encodeMessage({ op: 'shutdown' }));
    await left;
    socket.destroy();
    await removeKeeperFolders(config);
  }

  async #startKeeper(): Promise<KeeperProcess> {
    try {
      const keeper = await startKeeper(await this.#parent(), this.#settings);
      this.#listen(keeper);
      return keeper;
    } catch (error) {
      // The next launch tries again.
      this.#keeper = null;
      throw error;
    }
  }

  #listen(keeper: KeeperProcess): void {
    const { socket } = keeper;
    const decoder = new MessageDecoder<FromKeeper>();
    socket.on('data', (text: string) => {
      for (const message of decoder.push(text)) this.#handle(message);
    });
    socket.on('error', () => {});
    socket.on('close', () => void this.#lost(keeper));
    socket.unref();
  }

  #handle(message: FromKeeper): void {
    const launched = this.#launched.get(message.launch);
    if (launched === undefined) return;
    if (message.event === 'spool_failed') void this.#end(launched, message);
    else launched.process.handle(message);
  }

  /** Its output has nowhere to go: it is ended before its failure is told. */
  async #end(launched: Launched, message: FromKeeper): Promise<void> {
    await terminate(targetOf(launched), this.#settings.killGraceMs);
    launched.process.handle(message);
  }

  /** Nobody owns the processes any more: they end here, and their exit codes are not known. */
  async #lost(keeper: KeeperProcess): Promise<void> {
    const launched = [...this.#launched.values()];
    if (this.#keeper !== null && (await this.#keeper) === keeper) this.#keeper = null;
    await Promise.all(
      launched.map(async (one) => {
        await terminate(targetOf(one), this.#settings.killGraceMs);
        one.process.lose();
      }),
    );
    if (launched.length > 0) await removeKeeperFolders(keeper.config).catch(() => {});
  }
}

function targetOf({ executionId, process }: Launched) {
  return {
    cookies: new Set([executionId]),
    leaders: process.running === null ? [] : [process.running],
  };
}
