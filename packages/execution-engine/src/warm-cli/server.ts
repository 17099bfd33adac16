import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { messageOf } from '../errors.ts';
import { COOKIE_VARIABLES } from '../process/cookie.ts';
import type { ProcessExit } from '../process/launch.ts';
import { PYTHON_FOLDER } from './program.ts';
import type { CliProgram } from './program.ts';

/** A server takes 1.3 s to start on a quiet machine. */
const START_MS = 60_000;

/** Nothing was heard of a server with running calls: it is asked, and ended where it does not answer. */
const QUIET_MS = 10_000;
const ANSWER_MS = 30_000;

/** What a server says. */
const Message = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready'), version: z.string() }),
  z.object({ event: z.literal('declined'), call: z.string(), reason: z.string() }),
  z.object({
    event: z.literal('exited'),
    call: z.string(),
    code: z.int().nullable(),
    signal: z.int().nullable(),
  }),
  z.object({ event: z.literal('pong') }),
]);

/** How a forked process ended; or that it never came to be, or that the server is gone and nobody knows. */
export type CallEnd = { exit: ProcessExit } | { declined: string } | { lost: true };

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
        const message = parse(line);
        // It says nothing else: whatever this is, it is not to be trusted with calls.
        if (message === null) this.#child.kill('SIGKILL');
        else if (message.event === 'ready') onReady(message.version);
        else if (message.event !== 'pong') this.#settle(message.call, endOf(message));
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

function parse(line: string): z.infer<typeof Message> | null {
  try {
    return Message.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

type Ending = Extract<z.infer<typeof Message>, { event: 'declined' | 'exited' }>;

function endOf(message: Ending): CallEnd {
  if (message.event === 'declined') return { declined: message.reason };
  return { exit: { code: message.code, signal: signalName(message.signal) } };
}

function signalName(number: number | null): string | null {
  if (number === null) return null;
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `SIG${number}`;
}
