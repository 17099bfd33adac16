import type { Socket } from 'node:net';
import { removeKeeperFolders } from '../keeper/folders.ts';
import { MessageDecoder, encodeMessage, spoolPath } from '../keeper/protocol.ts';
import { SpoolReader } from '../keeper/spool-reader.ts';
import type { FromKeeper, KeeperConfig, ToKeeper } from '../keeper/protocol.ts';
import type { SecretVariables } from '../state/secrets-apart.ts';
import { connectTo } from './keeper-process.ts';
import { KeptProcess } from './kept-process.ts';
import type { OutputSink, RunningProcess } from './launch.ts';
import { terminate } from './terminate.ts';

/** The keeper hears how far its spool was read after so many bytes, and at least four times before it would wait. */
const REPORT_BYTES = 4 * 1024 * 1024;

/** How long a keeper that has nothing left to do may take to leave. */
const LEAVE_MS = 2000;

/** What is not urgent goes along with the next message, or this much later. */
const LATER_MS = 20;

interface Launched {
  executionId: string;
  process: KeptProcess;
}

/** The line to one keeper, and the processes behind it. */
export class KeeperConnection {
  readonly config: KeeperConfig;
  readonly #socket: Socket;
  readonly #launched = new Map<string, Launched>();
  readonly #recalling = new Map<string, (secrets: SecretVariables | null) => void>();
  /** Resolves when the line is cut. */
  readonly #cut: Promise<void>;
  #later = '';
  #timer: NodeJS.Timeout | undefined;
  /** Resolves when the line is cut, and the processes that were lost with it have ended. */
  readonly lost: Promise<void>;

  constructor(socket: Socket, config: KeeperConfig) {
    this.config = config;
    this.#socket = socket;
    const decoder = new MessageDecoder<FromKeeper>();
    socket.on('data', (text: string) => {
      for (const message of decoder.push(text)) this.#handle(message);
    });
    // 'close' follows.
    socket.on('error', () => {});
    this.#cut = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
    });
    this.lost = this.#cut.then(() => this.#lose());
    // Only what runs keeps the host alive.
    socket.unref();
  }

  /** Connects to a keeper that an earlier engine started. Rejects where it is gone. */
  static async open(config: KeeperConfig): Promise<KeeperConnection> {
    return new KeeperConnection(await connectTo(config.socket), config);
  }

  /** Whether the keeper is there. */
  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Whether nothing runs behind it. */
  get isIdle(): boolean {
    return this.#launched.size === 0 && this.#recalling.size === 0;
  }

  /**
   * Sends the first message about a launch, and follows it.
   *
   * @param released called when the process is released
   * @throws ExecutionError `SPAWN_FAILED`, `INTERRUPTED`
   */
  async follow(
    message: Extract<ToKeeper, { op: 'launch' | 'attach' }>,
    executionId: string,
    sink: OutputSink,
    released: () => void = () => {},
  ): Promise<RunningProcess> {
    const { launch } = message;
    const reportBytes = Math.min(REPORT_BYTES, this.config.spoolLimitBytes / 4);
    let reported = 0;
    const onRead = (bytes: number) => {
      if (bytes - reported < reportBytes) return;
      reported = bytes;
      this.#send({ op: 'read', launch, bytes });
    };
    const { folder, durable } = this.config;
    const reader = new SpoolReader({
      path: (segment) => spoolPath(folder, launch, segment),
      sink,
      onRead,
      // A later engine reads it again from the start: what a result holds is made from it.
      keep: durable,
    });
    const process = new KeptProcess(reader, () => {
      this.#forget(launch);
      released();
    });
    this.#launched.set(launch, { executionId, process });
    this.#socket.ref();
    if (this.isOpen) this.#send(message);
    else process.lose();
    try {
      return await process.started();
    } catch (error) {
      this.#forget(launch);
      throw error;
    }
  }

  /** The secret variables of a launch; null where the keeper does not know it, or leaves. */
  async recall(launch: string): Promise<SecretVariables | null> {
    const answer = new Promise<SecretVariables | null>((resolve) => {
      this.#recalling.set(launch, resolve);
    });
    this.#socket.ref();
    this.#send({ op: 'recall', launch });
    const secrets = await Promise.race([answer, this.#cut.then(() => null)]);
    this.#recalling.delete(launch);
    if (this.isIdle) this.#socket.unref();
    return secrets;
  }

  /** Lets the keeper leave, unless it has what nobody has asked for yet. */
  retire(): void {
    if (this.isIdle) this.#send({ op: 'retire' });
  }

  /** Sends the keeper home, and removes what is left of it. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.#socket.ref();
    this.#send({ op: 'shutdown' });
    const timer = setTimeout(() => this.#socket.destroy(), LEAVE_MS);
    await this.lost;
    clearTimeout(timer);
    await removeKeeperFolders(this.config);
  }

  #send(message: ToKeeper): void {
    this.#later += encodeMessage(message);
    this.#flush();
  }

  /** A message of its own would wake the keeper just as the next process is to be started. */
  #sendLater(message: ToKeeper): void {
    this.#later += encodeMessage(message);
    this.#timer ??= setTimeout(() => this.#flush(), LATER_MS).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.isOpen) this.#socket.write(this.#later);
    this.#later = '';
  }

  #forget(launch: string): void {
    this.#launched.delete(launch);
    this.#sendLater({ op: 'forget', launch });
    if (this.isIdle) this.#socket.unref();
  }

  #handle(message: FromKeeper): void {
    if (message.event === 'recalled') {
      this.#recalling.get(message.launch)?.(message.secrets);
      return;
    }
    const launched = this.#launched.get(message.launch);
    if (launched === undefined) return;
    if (message.event === 'spool_failed') void this.#end(launched, message);
    else launched.process.handle(message);
  }

  /** Its output has nowhere to go: it is ended before its failure is told. */
  async #end(launched: Launched, message: FromKeeper): Promise<void> {
    await terminate(targetOf(launched), this.config.killGraceMs);
    launched.process.handle(message);
  }

  /** Nobody owns the processes any more: they end here, and their exit codes are not known. */
  async #lose(): Promise<void> {
    const launched = [...this.#launched.values()];
    await Promise.all(
      launched.map(async (one) => {
        await terminate(targetOf(one), this.config.killGraceMs);
        const drained = one.process.running?.drained;
        one.process.lose();
        await drained;
      }),
    );
    if (launched.length > 0) await removeKeeperFolders(this.config);
  }
}

function targetOf({ executionId, process }: Launched) {
  return {
    cookies: new Set([executionId]),
    leaders: process.running === null ? [] : [process.running],
  };
}
