import { failureFrom } from '../errors.ts';
import type { Journal } from '../logs/journal.ts';
import type { Masker } from '../masking/masker.ts';
import type { Captured } from '../output/capture.ts';
import { OutputPipeline } from '../output/pipeline.ts';
import type { LaunchTicket } from '../state/record.ts';
import type { ExecutionRequest } from '../request.ts';
import { runAttempt } from './attempt.ts';
import type { AttemptInput } from './attempt.ts';
import type { ExecutionContext, Inheritance } from './context.ts';
import { outputInLog } from './kept-result.ts';
import { failureOf } from './outcome.ts';
import type { AttemptOutcome } from './outcome.ts';
import { prepare } from './prepare.ts';

/** One attempt of an execution. */
export interface RunOnceInput {
  id: string;
  request: ExecutionRequest;
  attempt: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  journal: Journal;
  masker: Masker;
  context: ExecutionContext;
  stop: AbortSignal;
  /** Set where an earlier engine launched this attempt. */
  inherited: (Inheritance & { ticket: LaunchTicket }) | null;
  onTicket: (ticket: LaunchTicket) => Promise<void>;
  onLogFailure: () => void;
}

/** How it went, and what the result holds of its output. */
export interface RunOnceEnd {
  outcome: AttemptOutcome;
  output: { stdout: Captured; stderr: Captured };
  /** What the process put out. */
  bytes: number;
}

/** Makes a process of a request, or takes it over, and sees it through. Never rejects. */
export async function runOnce(input: RunOnceInput): Promise<RunOnceEnd> {
  const { id, request, context, journal, inherited } = input;
  const pipeline = new OutputPipeline(
    (request.log ?? true) ? journal : null,
    input.masker,
    request.max_capture_bytes ?? context.maxCaptureBytes,
    inherited?.logged,
  );
  // Nobody knows any more what must not be said: what was masked and logged before is all there is.
  const isWithheld = inherited?.secretValues === null;
  let bytes = 0;
  const common = {
    executionId: id,
    sink: (stream: 'stdout' | 'stderr', chunk: Buffer) => {
      context.meter.output(chunk.length);
      bytes += chunk.length;
      if (isWithheld) return undefined;
      const pressure = pipeline.write(stream, chunk);
      if (journal.failure !== null) input.onLogFailure();
      return pressure;
    },
    timeoutMs: request.timeout_ms ?? null,
    idleTimeoutMs: request.idle_timeout_ms ?? null,
    killGraceMs: context.killGraceMs,
    stop: input.stop,
  };
  let outcome: AttemptOutcome;
  try {
    const end =
      inherited === null
        ? await launchAnew(input, common)
        : await takeOver(input, inherited.ticket, common);
    outcome = { ran: true, end, failure: failureOf(end, request) };
  } catch (error) {
    outcome = { ran: false, failure: failureFrom(error) };
  }
  const output = isWithheld ? await known(input, bytes) : pipeline.finish();
  return { outcome, output, bytes };
}

/** The output of an attempt whose secrets are lost. */
async function known(
  { journal, request, context, inherited }: RunOnceInput,
  bytes: number,
): Promise<RunOnceEnd['output']> {
  const nothing = { text: '', truncated: true };
  if (!(request.log ?? true)) return { stdout: nothing, stderr: nothing };
  const mostBytes = request.max_capture_bytes ?? context.maxCaptureBytes;
  const inLog = await outputInLog(journal, mostBytes).catch(() => null);
  if (inLog === null) return { stdout: nothing, stderr: nothing };
  const { stdout, stderr } = inLog;
  const logged = inherited === null ? 0 : inherited.logged.stdout + inherited.logged.stderr;
  const truncated = bytes > logged;
  return {
    stdout: { ...stdout, truncated: truncated || stdout.truncated },
    stderr: { ...stderr, truncated: truncated || stderr.truncated },
  };
}

type Common = Omit<AttemptInput, 'start' | 'onStarted'>;

async function launchAnew(input: RunOnceInput, common: Common) {
  const { id, request, context, journal } = input;
  const { launcher } = context;
  const ids = { execution: id, engine: context.engineId };
  const { spec, dispose } = await prepare(ids, request, context.awsCli);
  let warm = false;
  try {
    return await runAttempt({
      ...common,
      start: async (sink) => {
        const ticket = await launcher.reserve(id);
        // Before the launch: a process that nobody knows of could not be found again.
        if (ticket !== null) await input.onTicket(ticket);
        const askedAt = performance.now();
        const running = await launcher.launch(spec, sink, ticket);
        context.meter.spawned(performance.now() - askedAt, running.way);
        warm = running.way?.warm ?? false;
        return running;
      },
      onStarted: (pid) => {
        journal.event({
          type: 'started',
          pid,
          argv: [spec.program, ...spec.args].map((part) => input.masker.maskText(part)),
          attempt: input.attempt,
          ...(warm && { warm }),
        });
      },
    });
  } finally {
    await dispose();
  }
}

async function takeOver(input: RunOnceInput, ticket: LaunchTicket, common: Common) {
  const { timeoutMs } = common;
  // The clock may have been set back meanwhile.
  const elapsedMs = Math.max(0, Date.now() - input.startedAt);
  return runAttempt({
    ...common,
    timeoutMs: timeoutMs === null ? null : Math.max(1, timeoutMs - elapsedMs),
    start: (sink) => input.context.launcher.resume(input.id, ticket, sink),
    // The engine that launched it has said so.
    onStarted: () => {},
  });
}
