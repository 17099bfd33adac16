import type { Journal } from '../logs/journal.ts';
import type { ExecutionRequest } from '../request.ts';
import type { ExecutionResult, ExecutionStatus } from '../result.ts';

/** An execution that ended under an earlier engine. */
export class EndedExecution {
  readonly kind = 'execution';
  readonly id: string;
  readonly request: ExecutionRequest;
  readonly journal: Journal;
  readonly acceptedAt: number;
  readonly accepted = Promise.resolve();
  readonly ended: Promise<ExecutionResult>;
  readonly status: ExecutionStatus;

  constructor(
    request: ExecutionRequest,
    journal: Journal,
    acceptedAt: number,
    result: ExecutionResult,
  ) {
    this.id = result.id;
    this.request = request;
    this.journal = journal;
    this.acceptedAt = acceptedAt;
    this.status = result.status;
    this.ended = Promise.resolve(result);
  }

  /** It is too late. */
  cancel(): Promise<'cancelled' | 'already_finished'> {
    return Promise.resolve(this.status === 'cancelled' ? 'cancelled' : 'already_finished');
  }
}
