import { z } from 'zod';
import type { Launcher, LaunchSpec, OutputSink, ProcessExit } from '../process/launch.ts';
import { terminateGroup } from '../process/terminate.ts';
import type { Termination } from '../process/terminate.ts';

const StopCause = z.enum(['cancel', 'timeout', 'idle_timeout', 'log_failure']);
/** Why a running process was told to end. */
export type StopCause = z.infer<typeof StopCause>;

/** One run of a process. */
export interface AttemptInput {
  launcher: Launcher;
  spec: LaunchSpec;
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
}

/**
 * Starts a process and sees it through to its end and that of its output.
 *
 * Whatever is seen first counts: a process that has ended by itself is not stopped any more.
 *
 * @throws ExecutionError `SPAWN_FAILED`
 */
export async function runAttempt(input: AttemptInput): Promise<AttemptEnd> {
  const { stop, idleTimeoutMs, timeoutMs } = input;
  let lastOutput = performance.now();
  let stopWith: (why: StopCause) => void = () => {};
  const running = await input.launcher.launch(input.spec, (stream, chunk) => {
    lastOutput = performance.now();
    return input.sink(stream, chunk);
  });
  input.onStarted(running.pid);

  let over = false;
  let cause: StopCause | null = null;
  let termination: Promise<Termination> | null = null;
  const ending = new Promise<Termination>((resolve) => {
    stopWith = (why) => {
      if (over || cause !== null) return;
      cause = why;
      termination = terminateGroup(running, input.killGraceMs);
      void termination.then(resolve);
    };
  });
  const onStop = () => stopWith(causeOf(stop));
  if (stop.aborted) onStop();
  stop.addEventListener('abort', onStop);
  const timers = [
    timeoutMs === null ? null : setTimeout(() => stopWith('timeout'), timeoutMs),
    idleTimeoutMs === null
      ? null
      : watchSilence(
          idleTimeoutMs,
          () => lastOutput,
          () => stopWith('idle_timeout'),
        ),
  ];

  // A leader that outlasts even SIGKILL must not hold us up.
  const exit = await Promise.race([
    running.exited,
    ending.then((ended) => (ended.survivors.length > 0 ? null : running.exited)),
  ]);
  over = true;
  stop.removeEventListener('abort', onStop);
  for (const timer of timers) clearTimeout(timer ?? undefined);

  const ended: Termination = (await termination) ?? { escalated: false, survivors: [] };
  const drained =
    exit === null ? { pipesHeldOpen: true, stdinTruncated: true } : await running.drained;
  return { exit, cause, ...ended, ...drained };
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
