import type { Scope, ScopeReport } from '../report.ts';
import type { Checkpoint, CheckpointStore } from './checkpoint.ts';

/** What was finished longer ago is scanned again: an estate changes. */
const LONGEST_LIFE_MS = 24 * 3_600_000;

/** What a {@link CheckpointRecorder} is made of. */
export interface RecorderParts {
  store: CheckpointStore;
  name: string;
  scanId: string;
  selectionHash: string;
  now: () => number;
  /** A checkpoint that cannot be read or written costs a scan its resumption, nothing else. */
  onProblem: (code: string, message: string) => void;
}

/** Notes which scopes of a scan are finished, and knows those that an interrupted scan had finished. */
export class CheckpointRecorder {
  readonly #parts: RecorderParts;
  readonly #startedAt: string;
  readonly #finished = new Map<string, ScopeReport>();
  #resumedFrom: string | null = null;
  #saving: Promise<void> = Promise.resolve();
  #isWaiting = false;
  #hasFailed = false;

  private constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#startedAt = new Date(parts.now()).toISOString();
  }

  /** Reads what an interrupted scan of the same name and selection left. */
  static async open(parts: RecorderParts): Promise<CheckpointRecorder> {
    const recorder = new CheckpointRecorder(parts);
    try {
      recorder.#takeOver(await parts.store.load(parts.name));
    } catch (error) {
      parts.onProblem('CHECKPOINT_UNREADABLE', `everything is scanned again: ${text(error)}`);
    }
    return recorder;
  }

  /** The scan that this one goes on from; null where it begins anew. */
  get resumedFrom(): string | null {
    return this.#resumedFrom;
  }

  /** How a scope ended in the scan that was interrupted; null where it has to be scanned. */
  finished(scope: Scope): ScopeReport | null {
    return this.#finished.get(keyOf(scope)) ?? null;
  }

  /** Notes a scope of which every resource is stored. Scopes that end together are written together. */
  async note(scope: ScopeReport): Promise<void> {
    this.#finished.set(keyOf(scope), scope);
    if (this.#isWaiting) return this.#saving;
    this.#isWaiting = true;
    this.#saving = this.#saving.then(() => {
      this.#isWaiting = false;
      return this.#save();
    });
    return this.#saving;
  }

  /** The scan came to its end: there is nothing to go on from. */
  async discard(): Promise<void> {
    await this.#saving;
    const { store, name } = this.#parts;
    await store.remove(name).catch((error: unknown) => this.#failed(error));
  }

  #takeOver(checkpoint: Checkpoint | null): void {
    const { selectionHash, now } = this.#parts;
    if (checkpoint === null || checkpoint.selection_hash !== selectionHash) return;
    // The absolute age: a clock that was set back must not keep a checkpoint alive.
    if (Math.abs(now() - Date.parse(checkpoint.saved_at)) > LONGEST_LIFE_MS) return;
    for (const scope of checkpoint.scopes) this.#finished.set(keyOf(scope), scope);
    if (this.#finished.size > 0) this.#resumedFrom = checkpoint.scan_id;
  }

  async #save(): Promise<void> {
    const { store, name, scanId, selectionHash, now } = this.#parts;
    try {
      await store.save({
        schema: 'scan-checkpoint/v1',
        name,
        scan_id: scanId,
        selection_hash: selectionHash,
        started_at: this.#startedAt,
        saved_at: new Date(now()).toISOString(),
        scopes: [...this.#finished.values()],
      });
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#parts.onProblem('CHECKPOINT_FAILED', `an interruption would lose it: ${text(error)}`);
  }
}

function keyOf({ account_id, region, service }: Scope): string {
  return `${account_id} ${region} ${service}`;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
