import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import { COOKIE_VARIABLES } from '../process/cookie.ts';
import { PYTHON_FOLDER } from './program.ts';
import { parseMessage } from './server-messages.ts';
import type { CallEnd } from './server-messages.ts';
import type { CliProgram } from './program.ts';

/** A server takes 1.3 s to start on a quiet machine. */
const START_MS = 60_000;

/** Nothing was heard of a server with running calls: it is asked, and ended where it does not answer. */
const QUIET_MS = 10_000;
const ANSWER_MS = 30_000;

/** Where the cookies of a call will stand: a UUID each. */
const NO_COOKIE = '-'.repeat(36);

/** A Python process that has the AWS CLI loaded, and forks for each call. */
export class WarmServer {
  readonly program: CliProgram;
  /** The environment that it was started with, as one text. */
  readonly key: string;
  /** Resolves when it can fork, with null; or with the reason why it never will. */
  readonly ready: Promise<string | null>;
  /** Resolves when its process has ended. */
  readonly gone: Promise<void>;
  readonly #child: ChildProcess;
  readonly #control: Duplex | null;
  readonly #calls = new Map<string, (end: CallEnd) => void>();
  #state: 'starting' | 'ready' | 'silent' | 'retired' | 'gone' = 'starting';
  #heardAt = performance.now();
  #usedAt = performance.now();
  #ended = false;
  readonly #startedAt = performance.now();
  /** When it was asked for a sign of life that it has not given yet. */
  #askedAt: number | null = null;
  #watch: NodeJS.Timeout | null = null;

  private constructor(program: CliProgram, key: string, child: ChildProcess) {
    this.program = program;
    this.key = key;
    this.#child = child;
    const control = this.#child.stdio[3];
    this.#control = control instanceof Duplex ? control : null;
    this.gone = new Promise<void>((resolve) => {
      this.#child.once('error', () => resolve());
      this.#child.once('exit', () => resolve());
    }).then(() => this.#end());
    this.ready = this.#start();
    // Whoever waits for a call keeps the keeper.
    this.#child.unref();
  }

  /**
   * Starts one, or tells why not.
   *
   * @param env what of a call's environment matters to its start; nothing secret
   * @param meetingPoint where its children fetch what they are to do
   */
  static start(
    program: CliProgram,
    key: string,
    env: Readonly<Record<string, string>>,
    meetingPoint: string,
  ): WarmServer | string {
    const file = join(PYTHON_FOLDER, 'warm_server.py');
    try {
      const child = spawn(
        program.interpreter,
        [...program.flags, file, program.script, meetingPoint],
        {
          cwd: '/',
          env: {
            ...env,
            ...program.variables('/'),
            PATH: `${program.searchPathPrefix}${env.PATH ?? ''}`,
            [COOKIE_VARIABLES.execution]: NO_COOKIE,
            [COOKIE_VARIABLES.engine]: NO_COOKIE,
          },
          stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
        },
      );
      return new WarmServer(program, key, child);
    } catch (error) {
      return `the warm AWS CLI could not be started: ${messageOf(error)}`;
    }
  }

  /** Calls that it looks after. */
  get running(): number {
    return this.#calls.size;
  }

  /** Whether it is there, and answers. */
  get isReady(): boolean {
    return this.#state === 'ready';
  }

  /** Whether its end was wanted. */
  get wasEnded(): boolean {
    return this.#ended;
  }

  /** Milliseconds since it was started. */
  get ageMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** Milliseconds since its last call began or ended. */
  get idleMs(): number {
    return this.#calls.size > 0 ? 0 : performance.now() - this.#usedAt;
  }

  /** Asks for a process; it will come to the meeting point. Resolves when it has ended. */
  fork(call: string, service: string): Promise<CallEnd> {
    return new Promise((resolve) => {
      if (this.#state === 'gone') return resolve({ lost: true });
      this.#calls.set(call, resolve);
      this.#watch ??= setInterval(() => this.#look(), QUIET_MS / 4).unref();
      this.#send({ op: 'fork', call, service });
    });
  }

  /** It did not do what it was asked to: it gets nothing more until it is heard of. */
  distrust(): void {
    if (this.#state === 'ready') this.#state = 'silent';
    this.#ask();
  }

  /** It gets nothing more, and ends with its last call. */
  retire(): void {
    this.#state = 'retired';
    if (this.#calls.size === 0) void this.kill();
  }

  /** Ends it, at once. */
  async kill(): Promise<void> {
    this.#ended = true;
    this.#child.kill('SIGKILL');
    await this.gone;
  }

  async #start(): Promise<string | null> {
    let words = '';
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-500);
    });
    // It ends where the server does; 'exit' tells more.
    this.#control?.on('error', () => {});
    const ready = new Promise<string>((resolve) => {
      if (this.#control !== null) this.#listen(this.#control, resolve);
    });
    const patience = new AbortController();
    const first = await Promise.race([
      ready.then((version) => ({ version })),
      this.gone,
      delay(START_MS, undefined, { signal: patience.signal, ref: false }).catch(() => {}),
    ]);
    patience.abort();
    if (first !== undefined && this.#state === 'starting') {
      this.#state = 'ready';
      return null;
    }
    await this.kill();
    return `the warm AWS CLI did not start: ${words.trim().split('\n').at(-1) ?? ''}`;
  }

  #listen(control: Duplex, onReady: (version: string) => void): void {
    let rest = '';
    control.setEncoding('utf8').on('data', (text: string) => {
      this.#heardAt = performance.now();
      this.#askedAt = null;
      if (this.#state === 'silent') this.#state = 'ready';
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const message = parseMessage(line);
        // It says nothing else: whatever this is, it is not to be trusted with calls.
        if (message === null) this.#child.kill('SIGKILL');
        else if (message.event === 'ready') onReady(message.version);
        else if (message.event === 'ended') this.#settle(message.call, message.end);
      }
    });
  }

  #settle(call: string, end: CallEnd): void {
    const resolve = this.#calls.get(call);
    this.#calls.delete(call);
    this.#usedAt = performance.now();
    resolve?.(end);
    if (this.#calls.size > 0) return;
    clearInterval(this.#watch ?? undefined);
    this.#watch = null;
    if (this.#state === 'retired') void this.kill();
  }

  #send(message: Record<string, string>): void {
    this.#control?.write(`${JSON.stringify(message)}\n`);
  }

  #look(): void {
    const now = performance.now();
    if (this.#askedAt !== null && now - this.#askedAt > ANSWER_MS) this.#child.kill('SIGKILL');
    else if (now - this.#heardAt > QUIET_MS) this.#ask();
  }

  #ask(): void {
    if (this.#askedAt === null) this.#send({ op: 'ping' });
    this.#askedAt ??= performance.now();
  }

  #end(): void {
    this.#state = 'gone';
    for (const call of this.#calls.keys()) this.#settle(call, { lost: true });
    this.#control?.destroy();
    this.#child.stderr?.destroy();
  }
}
