import { z } from 'zod';
import type { Failure } from '../result.ts';
import type { Drained, OutputSink, ProcessExit, RunningProcess } from '../process/launch.ts';
import { terminate } from '../process/terminate.ts';
import type { Termination } from '../process/terminate.ts';

const StopCause = z.enum(['cancel', 'timeout', 'idle_timeout', 'log_failure']);
/** Why a running process was told to end. */
export type StopCause = z.infer<typeof StopCause>;

/** One run of a process. */
export interface AttemptInput {
  executionId: string;
  /** Starts the process, or takes it over. */
  start: (sink: OutputSink) => Promise<RunningProcess>;
  sink: OutputSink;
  timeoutMs: number | null;
  idleTimeoutMs: number | null;
  killGraceMs: number;
  /** Aborted with a {@link StopCause} as its reason. */
  stop: AbortSignal;
  onStarted: (pid: number) => void;
}

/** How it ended. */
export interface AttemptEnd {
  /** Null where the process could not be ended. */
  exit: ProcessExit | null;
  /** What made it end; null where it ended by itself. */
  cause: StopCause | null;
  escalated: boolean;
  survivors: number[];
  pipesHeldOpen: boolean;
  stdinTruncated: boolean;
  /** What the launcher could not do: tell the exit code, or keep the output. */
  failure: Failure | null;
  /** To be called when the end is stored. */
  release: () => void;
}

/**
 * Starts a process and sees it through to its end and that of its output.
 *
 * Whatever is seen first counts: a process that has ended by itself is not stopped any more.
 *
 * @throws ExecutionError `SPAWN_FAILED`
 */
export async function runAttempt(input: AttemptInput): Promise<AttemptEnd> {
  let lastOutput = performance.now();
  const running = await input.start((stream, chunk) => {
    lastOutput = performance.now();
    return input.sink(stream, chunk);
  });
  input.onStarted(running.pid);

  const stopper = new Stopper(input.executionId, running, input.killGraceMs);
  const onStop = () => stopper.stop(causeOf(input.stop));
  if (input.stop.aborted) onStop();
  input.stop.addEventListener('abort', onStop);
  const timers = startTimers(input, stopper, () => lastOutput);

  const exit = await Promise.race([running.exited, stopper.gaveUp]);
  const { cause, termination } = stopper.finish();
  input.stop.removeEventListener('abort', onStop);
  for (const timer of timers) clearTimeout(timer);

  const ended = await termination;
  const drained: Drained =
    exit === null ? { pipesHeldOpen: true, stdinTruncated: true } : await running.drained;
  return {
    exit,
    cause,
    ...ended,
    pipesHeldOpen: drained.pipesHeldOpen,
    stdinTruncated: drained.stdinTruncated,
    failure: exit?.failure ?? drained.failure ?? null,
    release: () => running.release(),
  };
}

/** Ends a process for the first cause that comes while it runs. */
class Stopper {
  /** Resolves where the process outlasts even SIGKILL, which must not hold anybody up. */
  readonly gaveUp: Promise<null>;
  readonly #cookies: ReadonlySet<string>;
  readonly #running: RunningProcess;
  readonly #graceMs: number;
  #cause: StopCause | null = null;
  #termination: Promise<Termination> = Promise.resolve({ escalated: false, survivors: [] });
  #over = false;
  #giveUp: () => void = () => {};

  constructor(executionId: string, running: RunningProcess, graceMs: number) {
    this.#cookies = new Set([executionId]);
    this.#running = running;
    this.#graceMs = graceMs;
    this.gaveUp = new Promise((resolve) => {
      this.#giveUp = () => resolve(null);
    });
  }

  stop(cause: StopCause): void {
    if (this.#over || this.#cause !== null) return;
    this.#cause = cause;
    const target = { cookies: this.#cookies, leaders: [this.#running] };
    this.#termination = terminate(target, this.#graceMs).then((ended) => {
      if (ended.survivors.includes(this.#running.pid)) this.#giveUp();
      return ended;
    });
  }

  /** What happened; from now on nothing is stopped. */
  finish(): { cause: StopCause | null; termination: Promise<Termination> } {
    this.#over = true;
    return { cause: this.#cause, termination: this.#termination };
  }
}

function startTimers(
  { timeoutMs, idleTimeoutMs }: AttemptInput,
  stopper: Stopper,
  lastOutput: () => number,
): NodeJS.Timeout[] {
  const timers: NodeJS.Timeout[] = [];
  if (timeoutMs !== null) timers.push(setTimeout(() => stopper.stop('timeout'), timeoutMs));
  if (idleTimeoutMs !== null) {
    timers.push(watchSilence(idleTimeoutMs, lastOutput, () => stopper.stop('idle_timeout')));
  }
  return timers;
}

function causeOf(stop: AbortSignal): StopCause {
  const parsed = StopCause.safeParse(stop.reason);
  return parsed.success ? parsed.data : 'cancel';
}

/** Calls `onSilence` once there was no output for that long. Looks now and then, not at every chunk. */
function watchSilence(
  limitMs: number,
  lastOutput: () => number,
  onSilence: () => void,
): NodeJS.Timeout {
  const timer = setInterval(
    () => {
      if (performance.now() - lastOutput() < limitMs) return;
      clearInterval(timer);
      onSilence();
    },
    Math.max(5, Math.min(limitMs / 4, 1000)),
  );
  return timer;
}
