import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { ExecutionError, messageOf, systemErrorCode } from '../errors.ts';
import { streamSource } from './output-pipe.ts';
import type { MakePipe, OutputPipe, OutputSource } from './output-pipe.ts';
import type { StreamName } from '../output/streams.ts';
import { startTimeOf } from './identity.ts';
import type { Launcher, LaunchSpec, OutputSink, ProcessExit, RunningProcess } from './launch.ts';

/**
 * After the exit, output counts as complete when nothing came for this long. A grandchild may hold the pipe for hours;
 * bytes that were in it when the process ended are there at once.
 */
const SILENCE_MS = 250;

/** A grandchild that never stops writing is cut off here. */
const LONGEST_DRAIN_MS = 5000;

/**
 * Starts processes as children of this one.
 *
 * @param makePipe makes what they write into; default: Node's own
 */
export function directLauncher(makePipe: MakePipe = () => Promise.resolve(null)): Launcher {
  return {
    reserve: () => Promise.resolve(null),
    launch: async (spec, sink) => {
      const pipes: Record<StreamName, OutputPipe | null> = { stdout: null, stderr: null };
      try {
        pipes.stdout = await makePipe();
        pipes.stderr = await makePipe();
        return await launch(spec, sink, pipes);
      } catch (error) {
        for (const pipe of Object.values(pipes)) giveUp(pipe);
        throw ExecutionError.is(error) ? error : spawnFailure(spec.program, error);
      }
    },
    resume: () =>
      Promise.reject(new ExecutionError('INTERRUPTED', 'its engine died, and the process with it')),
    recall: () => Promise.resolve(null),
    removeRemains: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

type Pipes = Readonly<Record<StreamName, OutputPipe | null>>;

function giveUp(pipe: OutputPipe | null): void {
  pipe?.closeWriteEnd();
  pipe?.stream.destroy();
  pipe?.release(true);
}

async function launch(spec: LaunchSpec, sink: OutputSink, pipes: Pipes): Promise<RunningProcess> {
  const child = start(spec, pipes);
  const spawned = new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const stdinTruncated = feed(child, spec.stdin);
  // Before the event loop turns: a pipe that is open already may have something to say.
  const outputs = (['stdout', 'stderr'] as const).map((name) => {
    const pipe = pipes[name];
    pipe?.closeWriteEnd();
    // Where there are too many open files, Node makes no streams at all, whatever the types say.
    const stream = child[name] ?? null;
    const source = pipe ?? (stream === null ? null : streamSource(stream));
    return { pipe, pump: pump(source, name, sink) };
  });
  await spawned.catch((error: unknown) => {
    throw spawnFailure(spec.program, error);
  });
  const pid = child.pid;
  if (pid === undefined) throw spawnFailure(spec.program, new Error('the process has no pid'));
  // A later 'error' can only be a failed signal, which nobody sends through the child object.
  child.on('error', () => {});
  return {
    pid,
    startTime: startTimeOf(pid),
    exited,
    drained: exited.then(async () => {
      const held = await Promise.all(
        outputs.map(async (output) => {
          const gaveUp = await output.pump.finish();
          output.pipe?.release(!gaveUp);
          return gaveUp;
        }),
      );
      child.stdin?.destroy();
      return { pipesHeldOpen: held.includes(true), stdinTruncated: stdinTruncated() };
    }),
    release: () => {},
  };
}

function start(spec: LaunchSpec, pipes: Pipes): ChildProcess {
  try {
    return spawn(spec.program, spec.args, {
      cwd: spec.workingDir,
      env: { ...spec.env },
      // A group (and session) of its own, so that a signal reaches the whole tree.
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: [
        spec.stdin === null ? 'ignore' : 'pipe',
        pipes.stdout?.writeEnd ?? 'pipe',
        pipes.stderr?.writeEnd ?? 'pipe',
      ],
    });
  } catch (error) {
    throw spawnFailure(spec.program, error);
  }
}

function spawnFailure(program: string, error: unknown): ExecutionError {
  const errno = systemErrorCode(error);
  return new ExecutionError('SPAWN_FAILED', `cannot start ${program}: ${messageOf(error)}`, {
    details: { errno, program },
    cause: error,
  });
}

/** Writes the input; tells later whether the process took all of it. */
function feed(child: ChildProcess, stdin: string | null): () => boolean {
  const input = child.stdin;
  if (input == null || stdin === null) return () => false;
  let written = false;
  // EPIPE: the process closed its input or ended. That is its right.
  input.on('error', () => {});
  input.end(stdin, 'utf8', (error?: Error | null) => {
    written = !error;
  });
  return () => !written;
}

/** Hands the chunks of a source to the sink, at the sink's pace. */
export function pump(source: OutputSource | null, name: StreamName, sink: OutputSink) {
  let lastActivity = performance.now();
  let waiting = false;
  const stream = source?.stream;
  const ended = new Promise<void>((resolve) => {
    if (source === null) return resolve();
    source.stream.once('close', resolve);
    // Reading a pipe fails only where it is gone; 'close' follows.
    source.stream.on('error', () => {});
    source.onChunk((chunk) => {
      lastActivity = performance.now();
      const pause = sink(name, chunk);
      if (pause === undefined) return true;
      waiting = true;
      void pause.finally(() => {
        waiting = false;
        lastActivity = performance.now();
        source.stream.resume();
      });
      return false;
    });
  });

  /** Resolves at the end of the stream, with true where it had to be given up. */
  async function finish(): Promise<boolean> {
    const deadline = performance.now() + LONGEST_DRAIN_MS;
    lastActivity = performance.now();
    while (!(await settledWithin(ended, SILENCE_MS))) {
      // Timers run before input is read: where this process itself was held up, the pipe may be full and its silence ours.
      await new Promise((resolve) => setImmediate(resolve));
      const silent = !waiting && performance.now() - lastActivity >= SILENCE_MS;
      if (silent || (!waiting && performance.now() > deadline)) {
        stream?.destroy();
        return true;
      }
    }
    return false;
  }
  return { finish };
}

async function settledWithin(promise: Promise<void>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const settled = await Promise.race([promise.then(() => true), late]);
  clearTimeout(timer);
  return settled;
}
