import type { TransportEvent } from './server/transport.ts';
import type { RunStatus, StepOutcome } from './run/outcome.ts';

/**
 * What happens while a request is sent and a playbook runs. Output is masked line by line; of steps whose output is sensitive there is none.
 */
export type BuilderEvent =
  | (TransportEvent & { request_id: string })
  | { type: 'run_started'; run_id: string; playbook_id: string }
  | { type: 'step_started'; run_id: string; step_id: string; attempt: number }
  | {
      type: 'step_output';
      run_id: string;
      step_id: string;
      stream: 'stdout' | 'stderr';
      line: string;
    }
  | { type: 'step_ended'; run_id: string; step_id: string; status: StepOutcome['status'] }
  | { type: 'run_ended'; run_id: string; status: RunStatus }
  /** Its steps are told as `step_…` with the names of the rollbacks. */
  | { type: 'rollback_started'; run_id: string; rollbacks: string[] }
  | { type: 'rollback_ended'; run_id: string; status: RunStatus }
  | { type: 'refresh_started'; run_id: string; keys: string[] }
  | { type: 'warning'; code: string; message: string };

/** Takes events as they happen. Nothing waits for it, and what it throws changes nothing. */
export type BuilderEventHandler = (event: BuilderEvent) => unknown;

/** Told of what an event handler threw or rejected with. */
export type HandlerErrorListener = (error: unknown, event: BuilderEvent) => void;

/** Calls a handler so that nothing that it does reaches the work it is told about; what it throws goes to `onError`. */
export function isolated(
  handler: BuilderEventHandler,
  onError: HandlerErrorListener,
): (event: BuilderEvent) => void {
  const report = (error: unknown, event: BuilderEvent) => {
    try {
      onError(error, event);
    } catch {
      // There is nobody left to tell.
    }
  };
  return (event) => {
    try {
      const returned = handler(event);
      if (returned instanceof Promise) {
        returned.catch((error: unknown) => report(error, event));
      }
    } catch (error) {
      report(error, event);
    }
  };
}
