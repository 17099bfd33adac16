import { availableParallelism } from 'node:os';
import { isAbsolute } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LaunchSpec } from '../process/launch.ts';
import { findProgram } from '../process/lookup.ts';
import { hasLocalVersion, readProgram } from './program.ts';
import { WarmServer } from './server.ts';
import { impossible, startEnvironment, unsuitable } from './suitable.ts';

const CORES = availableParallelism();

/** Each takes 80 to 150 MB; several where cores are many, or environments differ. */
const MOST_SERVERS = Math.min(CORES, 4);

/**
 * A server forks in 2 to 3 ms, and a call then keeps a core busy for 25 ms or more: it feeds eight cores. A second one on two
 * cores gained nothing.
 */
const CORES_PER_SERVER = 8;

/** So long after the start of a server, calls wait for it no more, and get processes of their own. */
const WAIT_MS = 5000;

/** A server that nobody has used for so long ends. */
const IDLE_MS = 120_000;

/** After a failed start, the next one is tried no sooner. */
const RETRY_MS = 60_000;

/** After the death of a server; twice as long after each further one, up to {@link RETRY_MS}. */
const REPLACE_MS = 250;

/** Environments that are remembered. */
const MOST_KEYS = 100;

/** The servers of one keeper: started on first use, replaced when they die or the CLI changes, ended when idle. */
export class ServerPool {
  readonly #meetingPoint: string;
  readonly #servers = new Set<WarmServer>();
  readonly #starting = new Map<string, { done: Promise<string | null>; since: number }>();
  readonly #deaths = new Map<string, number>();
  readonly #refused = new Map<string, { reason: string; until: number }>();
  #sweeper: NodeJS.Timeout | null = null;
  #closed = false;

  /** @param meetingPoint the path of the socket for forked processes */
  constructor(meetingPoint: string) {
    this.#meetingPoint = meetingPoint;
  }

  /** The server for a call, or why it needs a process of its own. */
  async serverFor(spec: LaunchSpec): Promise<WarmServer | string> {
    const path = findCli(spec);
    if (path === null) return 'the program is not found as a file';
    const reason = unsuitable(spec);
    if (reason !== null) return reason;
    const env = startEnvironment(spec.env);
    const key = JSON.stringify([path, env]);
    this.#retire();
    const server = this.#choose(key, path, env);
    if (server !== null) return this.#suits(server, spec);
    const starting = this.#starting.get(key);
    if (starting === undefined)
      return this.#begin(key, path, env) ?? 'the warm AWS CLI is starting';
    const patienceMs = starting.since + WAIT_MS - performance.now();
    const failure = await within(starting.done, patienceMs);
    if (failure !== null) return failure;
    const started = this.#choose(key, path, env);
    return started === null ? 'the warm AWS CLI has ended' : this.#suits(started, spec);
  }

  /** Ends all servers, and resolves when they are gone. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeper ?? undefined);
    await Promise.all([...this.#servers].map((server) => server.kill()));
  }

  #suits(server: WarmServer, { workingDir }: LaunchSpec): WarmServer | string {
    const local = server.program.shim && hasLocalVersion(workingDir);
    return local ? 'there is a .python-version around the working directory' : server;
  }

  /** The one with the least to do; more of them where it has too much. */
  #choose(key: string, path: string, env: Record<string, string>): WarmServer | null {
    const servers = [...this.#servers]
      .filter((one) => one.key === key && one.isReady)
      .toSorted((one, other) => one.running - other.running);
    const [server] = servers;
    if (server === undefined) return null;
    const isBusy = server.running >= CORES_PER_SERVER;
    if (isBusy && servers.length * CORES_PER_SERVER < CORES && !this.#starting.has(key)) {
      this.#begin(key, path, env);
    }
    return server;
  }

  /** Starts a server in the background, or tells why not. */
  #begin(key: string, path: string, env: Record<string, string>): string | null {
    const refused = this.#refused.get(key);
    if (refused !== undefined && performance.now() < refused.until) return refused.reason;
    if (!this.#hasRoom()) return 'the warm AWS CLI serves other environments';
    const reason = impossible();
    if (reason !== null) return this.#refuse(key, reason);
    const done = this.#start(key, path, env).finally(() => this.#starting.delete(key));
    this.#starting.set(key, { done, since: performance.now() });
    return null;
  }

  async #start(key: string, path: string, env: Record<string, string>): Promise<string | null> {
    const program = await readProgram(path, env);
    if (typeof program === 'string') return this.#refuse(key, program);
    if (this.#closed) return 'the keeper leaves';
    const server = WarmServer.start(program, key, env, this.#meetingPoint);
    if (typeof server === 'string') return this.#refuse(key, server);
    this.#servers.add(server);
    void server.gone.then(() => this.#lose(server));
    this.#sweeper ??= setInterval(() => this.#sweep(), IDLE_MS / 4).unref();
    const failure = await server.ready;
    return failure === null ? null : this.#refuse(key, failure);
  }

  #lose(server: WarmServer): void {
    this.#servers.delete(server);
    if (server.wasEnded) return;
    const deaths = (server.ageMs > RETRY_MS ? 0 : (this.#deaths.get(server.key) ?? 0)) + 1;
    this.#deaths.set(server.key, deaths);
    this.#refuse(server.key, 'the warm AWS CLI has died', REPLACE_MS * 2 ** (deaths - 1));
  }

  #refuse(key: string, reason: string, pauseMs = RETRY_MS): string {
    if (this.#refused.size >= MOST_KEYS) this.#refused.clear();
    if (this.#deaths.size >= MOST_KEYS) this.#deaths.clear();
    const until = performance.now() + Math.min(pauseMs, RETRY_MS);
    this.#refused.set(key, { reason, until });
    return reason;
  }

  #hasRoom(): boolean {
    if (this.#closed) return false;
    const taken = this.#servers.size + this.#starting.size;
    if (taken < MOST_SERVERS) return true;
    // One that nobody uses makes room, a moment later.
    const idle = [...this.#servers].find((server) => server.isReady && server.idleMs > WAIT_MS);
    void idle?.kill();
    return false;
  }

  /** What has been replaced on disk forks no more, and ends with its last call. */
  #retire(): void {
    for (const server of this.#servers) {
      if (server.isReady && server.program.hasChanged()) server.retire();
    }
  }

  #sweep(): void {
    for (const server of this.#servers) if (server.idleMs > IDLE_MS) void server.kill();
  }
}

/** The file that the system would start; a relative one depends on the working directory. */
function findCli({ program, env }: LaunchSpec): string | null {
  if (program.includes('/')) return isAbsolute(program) ? program : null;
  const folders = (env.PATH ?? '').split(':');
  const relative = folders.some((folder) => !isAbsolute(folder));
  return relative ? null : findProgram(program, env.PATH ?? '');
}

async function within(
  starting: Promise<string | null>,
  milliseconds: number,
): Promise<string | null> {
  const patience = new AbortController();
  const late = delay(milliseconds, 'the warm AWS CLI takes long to start', {
    signal: patience.signal,
  }).catch(() => null);
  const outcome = await Promise.race([starting, late]);
  patience.abort();
  return outcome;
}
