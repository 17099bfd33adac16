import type { Captured } from '../output/capture.ts';
import type { ExecutionRequest, RetryPolicy } from '../request.ts';
import { durationText } from '../result.ts';
import type { ExecutionResult, Failure } from '../result.ts';
import type { AttemptEnd } from './attempt.ts';

/** How the last attempt went: it ran, or it could not be started. */
export type AttemptOutcome =
  | { ran: true; end: AttemptEnd; failure: Failure | null }
  | { ran: false; failure: Failure };

/** Why an attempt counts as failed; null where it succeeded. */
export function failureOf(end: AttemptEnd, request: ExecutionRequest): Failure | null {
  switch (end.cause) {
    case 'cancel':
      return { code: 'CANCELLED', message: 'cancelled while it ran' };
    case 'timeout':
      return { code: 'TIMEOUT', message: `still running after ${request.timeout_ms} ms` };
    case 'idle_timeout':
      return { code: 'IDLE_TIMEOUT', message: `no output for ${request.idle_timeout_ms} ms` };
    case 'log_failure':
      return { code: 'LOG_WRITE_FAILED', message: 'its log could not be written' };
    case null:
  }
  if (end.failure !== null) return end.failure;
  if (end.exit === null) return { code: 'INTERNAL', message: 'the process was lost' };
  const { code, signal } = end.exit;
  if (signal !== null) return { code: 'SIGNALLED', message: `ended by ${signal}` };
  return code === 0 ? null : { code: 'NONZERO_EXIT', message: `exit code ${code}` };
}

/** What trying again cannot mend, or what must not be tried again. */
const FINAL = new Set([
  'CANCELLED',
  'SPAWN_FAILED',
  'BAD_WORKING_DIR',
  'BAD_ENVIRONMENT',
  'LOG_WRITE_FAILED',
  'LOG_DISK_FULL',
  'LOG_DIR_UNSAFE',
  'STATE_WRITE_FAILED',
  'INTERNAL',
  'INTERRUPTED',
]);

/** The pause before the next attempt, or null where there is none. */
export function retryDelayMs(
  policy: RetryPolicy | null,
  attempts: number,
  outcome: AttemptOutcome,
): number | null {
  if (policy === null || outcome.failure === null || attempts >= policy.max_attempts) return null;
  if (FINAL.has(outcome.failure.code)) return null;
  if (policy.on_exit_codes != null) {
    const code = outcome.ran ? outcome.end.exit?.code : null;
    if (code == null || !policy.on_exit_codes.includes(code)) return null;
  }
  const grown = (policy.initial_delay_ms ?? 1000) * (policy.multiplier ?? 2) ** (attempts - 1);
  return Math.min(grown, policy.max_delay_ms ?? 30_000);
}

/** What an execution's result is made of. */
export interface ResultParts {
  id: string;
  outcome: AttemptOutcome;
  output: { stdout: Captured; stderr: Captured };
  /** Milliseconds since the epoch. */
  startedAt: number | null;
  durationMs: number;
  logPath: string | null;
  attempts: number;
  metadata: ExecutionResult['metadata'];
}

/** The result, complete. */
export function resultOf(parts: ResultParts): ExecutionResult {
  const { outcome, output, startedAt } = parts;
  const end = outcome.ran ? outcome.end : null;
  const durationMs = Math.round(parts.durationMs);
  return {
    id: parts.id,
    status: statusOf(outcome.failure),
    exit_code: end?.exit?.code ?? null,
    signal: end?.exit?.signal ?? null,
    stdout: output.stdout.text,
    stderr: output.stderr.text,
    stdout_truncated: output.stdout.truncated,
    stderr_truncated: output.stderr.truncated,
    stdin_truncated: end?.stdinTruncated ?? false,
    pipes_held_open: end?.pipesHeldOpen ?? false,
    escalated: end?.escalated ?? false,
    survivors: end?.survivors ?? [],
    duration: durationText(durationMs),
    duration_ms: durationMs,
    started_at: startedAt === null ? null : new Date(startedAt).toISOString(),
    completed_at: new Date().toISOString(),
    log_path: parts.logPath,
    attempts: parts.attempts,
    error: outcome.failure,
    metadata: parts.metadata,
  };
}

function statusOf(failure: Failure | null): ExecutionResult['status'] {
  if (failure === null) return 'completed';
  return failure.code === 'CANCELLED' ? 'cancelled' : 'failed';
}
