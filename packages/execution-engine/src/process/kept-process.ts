import { ExecutionError, messageOf } from '../errors.ts';
import type { EndMessage, ExitMessage, FromKeeper } from '../keeper/protocol.ts';
import type { SpoolReader } from '../keeper/spool-reader.ts';
import type { Failure } from '../result.ts';
import type { LaunchWay } from '../warm-cli/way.ts';
import type { Drained, ProcessExit, RunningProcess } from './launch.ts';

/** A promise and the function that settles it. */
interface Settling<Value> {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
}

/** The engine's side of one process that a keeper looks after. */
export class KeptProcess {
  readonly #started: Settling<RunningProcess | ExecutionError>;
  readonly #exited = settling<ProcessExit>();
  readonly #ended = settling<EndMessage | null>();
  readonly #reader: SpoolReader;
  readonly #release: () => void;
  #running: RunningProcess | null = null;

  /** @param release throws away what the keeper has of it */
  constructor(reader: SpoolReader, release: () => void) {
    this.#release = release;
    this.#started = settling();
    this.#reader = reader;
  }

  /** The process, once it has started; null before. */
  get running(): RunningProcess | null {
    return this.#running;
  }

  /**
   * Resolves when it has started.
   *
   * @throws ExecutionError `SPAWN_FAILED`, or `INTERRUPTED` where the keeper was lost
   */
  async started(): Promise<RunningProcess> {
    const outcome = await this.#started.promise;
    if (outcome instanceof ExecutionError) throw outcome;
    return outcome;
  }

  /** Takes what the keeper says about this process. */
  handle(message: FromKeeper): void {
    switch (message.event) {
      case 'started':
        this.#start(message.pid, message.startTime, message.way);
        break;
      case 'refused':
        this.#started.resolve(
          new ExecutionError('SPAWN_FAILED', message.message, {
            details: { errno: message.errno },
          }),
        );
        break;
      case 'spooled':
        // The sink learns of the start first.
        void this.#started.promise.then(() => this.#reader.grownTo(message.bytes));
        break;
      case 'exited':
        this.#exited.resolve(exitOf(message));
        break;
      case 'ended':
        // Where both are known at once, this is the only message.
        this.#exited.resolve(exitOf(message));
        this.#ended.resolve(message);
        break;
      case 'spool_failed':
        this.#fail(spoolFailure(message.errno, message.message));
        break;
      default:
        this.lose();
    }
  }

  /** The keeper is gone, and with it the exit code. */
  lose(): void {
    this.#started.resolve(
      new ExecutionError('INTERRUPTED', 'the keeper of the process was lost while it started'),
    );
    this.#fail(INTERRUPTED);
  }

  #start(pid: number, startTime: string | null, way: LaunchWay | undefined): void {
    this.#running = {
      pid,
      startTime,
      way,
      exited: this.#exited.promise,
      drained: this.#exited.promise.then(() => this.#drain()),
      release: this.#release,
    };
    this.#started.resolve(this.#running);
  }

  async #drain(): Promise<Drained> {
    const end = await this.#ended.promise;
    try {
      await this.#reader.finish(end?.bytes ?? null);
    } catch (error) {
      return { pipesHeldOpen: false, stdinTruncated: false, failure: spoolFailure(null, error) };
    }
    return {
      pipesHeldOpen: end?.pipesHeldOpen ?? false,
      stdinTruncated: end?.stdinTruncated ?? false,
    };
  }

  #fail(failure: Failure): void {
    this.#exited.resolve({ code: null, signal: null, failure });
    this.#ended.resolve(null);
  }
}

const INTERRUPTED: Failure = {
  code: 'INTERRUPTED',
  message: 'the keeper of the process was lost, and with it the exit code',
};

const HOST_DIED: Failure = {
  code: 'INTERRUPTED',
  message: 'its host died, and it was ended with it',
};

function spoolFailure(errno: string | null, error: unknown): Failure {
  return {
    code: errno === 'ENOSPC' || errno === 'EDQUOT' ? 'LOG_DISK_FULL' : 'LOG_WRITE_FAILED',
    message: `the output could not be kept: ${messageOf(error)}`,
  };
}

function exitOf({ code, signal, killed, failure }: ExitMessage): ProcessExit {
  const why = killed ? HOST_DIED : failure;
  return why === undefined ? { code, signal } : { code, signal, failure: why };
}

function settling<Value>(): Settling<Value> {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
