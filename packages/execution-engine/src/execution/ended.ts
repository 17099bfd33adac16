import type { Journal } from '../logs/journal.ts';
import type { Json } from '../json.ts';
import type { ExecutionResult, ExecutionStatus } from '../result.ts';
import { isDigestOf } from '../state/body-digest.ts';
import type { StoredExecution } from '../state/record.ts';

/** An execution that ended under an earlier engine. */
export class EndedExecution {
  readonly kind = 'execution';
  readonly id: string;
  readonly metadata: Record<string, Json>;
  readonly journal: Journal;
  readonly acceptedAt: number;
  readonly accepted = Promise.resolve();
  readonly ended: Promise<ExecutionResult>;
  readonly status: ExecutionStatus;
  readonly #body: string;

  constructor(record: StoredExecution, journal: Journal, result: ExecutionResult) {
    this.id = record.id;
    this.metadata = record.metadata;
    this.journal = journal;
    this.acceptedAt = record.accepted_at;
    this.#body = record.body;
    this.status = result.status;
    this.ended = Promise.resolve(result);
  }

  /** Whether this is what was asked for under its id. */
  hasBody(body: object): boolean {
    return isDigestOf(this.#body, body);
  }

  /** It is too late. */
  cancel(): Promise<'cancelled' | 'already_finished'> {
    return Promise.resolve(this.status === 'cancelled' ? 'cancelled' : 'already_finished');
  }
}
