import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Launcher, LaunchSpec } from '../process/launch.ts';
import { FifoPool } from './fifo-pool.ts';
import { removeKeeperFolders } from './folders.ts';
import { ownIdentity } from '../process/identity.ts';
import { terminate } from '../process/terminate.ts';
import { childLauncher } from './child-launcher.ts';
import { KeptChild } from './kept-child.ts';
import { IDENTITY_FILE, MessageDecoder, encodeMessage } from './protocol.ts';
import type { FromKeeper, KeeperConfig, ToKeeper } from './protocol.ts';

/** A host connects as soon as the keeper listens; this long only where the machine stands still. */
const CONNECT_MS = 30_000;

/**
 * Owns the processes of an engine, so that none outlives its host unless it is meant to, and none is lost with it.
 *
 * The host is gone when its connection is. Then, with `kill`, everything is ended; with `keep`, the keeper stays until
 * the last process has ended, and any engine may take over meanwhile.
 */
export class Keeper {
  readonly #config: KeeperConfig;
  readonly #server: Server;
  readonly #fifos: FifoPool;
  readonly #launcher: Launcher;
  readonly #children = new Map<string, KeptChild>();
  #host: Socket | null = null;
  #lonely: NodeJS.Timeout | undefined;

  constructor(config: KeeperConfig) {
    this.#config = config;
    this.#fifos = new FifoPool(join(config.folder, 'pipes'));
    this.#launcher = childLauncher(config, () => this.#fifos.take());
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Resolves when an engine can connect. */
  async listen(): Promise<void> {
    // Where there are no pipes yet, whoever needs one hears of it.
    await this.#fifos.prepare().catch(() => {});
    const identity = JSON.stringify(ownIdentity());
    await writeFile(join(this.#config.folder, IDENTITY_FILE), identity, { mode: 0o600 });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#config.socket, resolve);
    });
    // The host may have been killed before it could connect: then nothing ever tells of its death.
    this.#lonely = setTimeout(() => void this.#leave(true), CONNECT_MS);
  }

  #accept(socket: Socket): void {
    clearTimeout(this.#lonely);
    // One host at a time: the newest, since an engine that takes over comes after the old one died. It may come so soon
    // that the death is known only by its coming.
    const before = this.#host;
    this.#host = socket;
    if (before !== null) {
      before.destroy();
      void this.#endWithHost();
    }
    const decoder = new MessageDecoder<ToKeeper>();
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      for (const message of decoder.push(text)) this.#handle(message);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#host !== socket) return;
      this.#host = null;
      void this.#hostGone();
    });
  }

  #handle(message: ToKeeper): void {
    switch (message.op) {
      case 'launch':
        this.#launch(message.launch, message.spec);
        break;
      case 'read':
        this.#children.get(message.launch)?.readTo(message.bytes);
        break;
      case 'forget':
        void this.#children.get(message.launch)?.forget();
        this.#children.delete(message.launch);
        break;
      case 'recall': {
        const { launch } = message;
        const secrets = this.#children.get(launch)?.secrets ?? null;
        this.#send({ event: 'recalled', launch, secrets });
        break;
      }
      case 'attach': {
        const child = this.#children.get(message.launch);
        if (child === undefined) this.#send({ event: 'unknown', launch: message.launch });
        else child.tellAgain();
        break;
      }
      case 'retire':
        if (this.#children.size === 0) void this.#leave(true);
        break;
      default:
        void this.#leave(true);
    }
  }

  #launch(launch: string, spec: LaunchSpec): void {
    this.#children.set(
      launch,
      new KeptChild(launch, spec, this.#launcher, this.#config, (message) => this.#send(message)),
    );
  }

  #send(message: FromKeeper): void {
    this.#host?.write(encodeMessage(message));
  }

  /** With `kill`: ends everything that the dead host started. */
  async #endWithHost(): Promise<void> {
    if (this.#config.onHostDeath === 'keep') return;
    // Also what was left behind by executions that have long ended.
    const leaders = [...this.#children.values()].flatMap((child) => child.markKilled() ?? []);
    const cookies = new Set([this.#config.engineId]);
    await terminate({ cookies, leaders }, this.#config.killGraceMs);
  }

  async #hostGone(): Promise<void> {
    await this.#endWithHost();
    await Promise.all([...this.#children.values()].map((child) => child.ended));
    if (this.#config.durable && this.#host === null) await this.#redact();
    // Another engine may have come while we waited.
    if (this.#host === null) await this.#leave(!this.#config.durable);
  }

  /** What cannot be written over stays without its mark, and no engine shows it. */
  async #redact(): Promise<void> {
    await Promise.allSettled([...this.#children.values()].map((child) => child.redact()));
  }

  async #leave(clean: boolean): Promise<void> {
    this.#server.close();
    await this.#launcher.close();
    if (clean) await removeKeeperFolders(this.#config);
    process.exit(0);
  }
}
