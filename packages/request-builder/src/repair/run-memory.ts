import { RequestError } from '../errors.ts';
import type { PlaybookRequest } from '../protocol/request.ts';
import { Recent } from '../recent.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { noneCompleted, type CompletedSteps } from './completed.ts';
import { completedSteps, type FailedRun } from './repair-of.ts';

/** How many requests, and how many failed runs, a builder can still be asked about. */
const REMEMBERED = 100;

/** What a builder keeps in memory, so that a playbook can be previewed and a failed run repaired without handing everything back. */
export class RunMemory {
  readonly #sent = new Recent<PlaybookRequest>(REMEMBERED);
  readonly #failed = new Recent<FailedRun>(REMEMBERED);
  readonly #completed = new Recent<CompletedSteps>(REMEMBERED);

  /** The request with that id that was sent last. */
  request(requestId: string): PlaybookRequest | undefined {
    return this.#sent.get(requestId);
  }

  rememberRequest(request: PlaybookRequest): void {
    this.#sent.set(request.request_id, request);
  }

  rememberRun(run: FailedRun): void {
    if (run.outcome.status === 'failed') this.#failed.set(run.outcome.run_id, run);
  }

  /**
   * The failed run behind an outcome.
   *
   * @throws RequestError `REPAIR_REFUSED` with `details.reason` `not_failed` or `unknown_run`
   */
  failedRun({ run_id: runId, status }: Pick<RunOutcome, 'run_id' | 'status'>): FailedRun {
    const run = this.#failed.get(runId);
    if (run !== undefined) return run;
    const reason = status === 'failed' ? 'unknown_run' : 'not_failed';
    const message =
      status === 'failed'
        ? 'this builder did not run it, or long ago: ask again without a repair'
        : `the run is ${status}: there is nothing to repair`;
    throw new RequestError('REPAIR_REFUSED', message, { details: { reason } });
  }

  /** Notes which steps the answer to a repair request need not do again. */
  rememberRepair(requestId: string, run: FailedRun): void {
    this.#completed.set(requestId, completedSteps(run));
  }

  /** What a playbook that answers that request need not do again. */
  completedFor(requestId: string): CompletedSteps {
    return this.#completed.get(requestId) ?? noneCompleted;
  }
}
