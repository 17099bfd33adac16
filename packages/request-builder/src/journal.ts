import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AppendFile } from './append-file.ts';
import { RequestError } from './errors.ts';
import { OneAtATime } from './one-at-a-time.ts';

const Entry = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('idempotency_key'),
    request_digest: z.string(),
    request_id: z.string(),
    key: z.string(),
    at: z.string(),
  }),
  z.object({
    type: z.literal('approval_used'),
    approval_id: z.string(),
    playbook_digest: z.string(),
    claim: z.string(),
    at: z.string(),
  }),
]);
type Entry = z.infer<typeof Entry>;

/**
 * What must not be forgotten when the process dies: idempotency keys, written before a request's first byte is sent, and approvals that have been used.
 *
 * One append-only NDJSON file, mode 0600, each entry synced to disk. Several processes may share it: every one appends with `O_APPEND` and then reads what is there, and of two
 * entries about one thing the first in the file counts. Without a path it is kept in memory.
 */
export class Journal {
  readonly #file: AppendFile | null;
  readonly #keys = new Map<string, string>();
  readonly #approvals = new Map<string, string>();
  readonly #queue = new OneAtATime();

  constructor(path: string | null) {
    this.#file = path === null ? null : new AppendFile(path);
  }

  /**
   * The idempotency key of a request: the one it already has, or a new one that is on disk when this resolves.
   *
   * @throws RequestError `JOURNAL_FAILED`; then nothing may be sent
   */
  async keyFor(request: { digest: string; requestId: string }): Promise<string> {
    return await this.#exclusively(async () => {
      await this.#read();
      const known = this.#keys.get(request.digest);
      if (known !== undefined) return known;
      await this.#append({
        type: 'idempotency_key',
        request_digest: request.digest,
        request_id: request.requestId,
        key: randomUUID(),
        at: new Date().toISOString(),
      });
      return this.#keys.get(request.digest) ?? '';
    });
  }

  /**
   * Takes an approval for this run.
   *
   * @returns false where it has been used before, by this or another process
   * @throws RequestError `JOURNAL_FAILED`; then nothing may run
   */
  async useApproval(approvalId: string, playbookDigest: string): Promise<boolean> {
    return await this.#exclusively(async () => {
      await this.#read();
      if (this.#approvals.has(approvalId)) return false;
      const claim = randomUUID();
      await this.#append({
        type: 'approval_used',
        approval_id: approvalId,
        playbook_digest: playbookDigest,
        claim,
        at: new Date().toISOString(),
      });
      return this.#approvals.get(approvalId) === claim;
    });
  }

  /** One at a time: two callers of one process must not both find nothing. */
  async #exclusively<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.#queue.run(work);
    } catch (error) {
      const path = this.#file?.path ?? null;
      throw new RequestError('JOURNAL_FAILED', `the journal ${path ?? ''} cannot be used`, {
        details: { path },
        cause: error,
      });
    }
  }

  async #append(entry: Entry): Promise<void> {
    if (this.#file === null) {
      this.#remember(entry);
      return;
    }
    await this.#file.append(JSON.stringify(entry));
    await this.#read();
  }

  async #read(): Promise<void> {
    for (const line of (await this.#file?.read()) ?? []) {
      const entry = Entry.safeParse(parseLine(line));
      if (entry.success) this.#remember(entry.data);
    }
  }

  #remember(entry: Entry): void {
    if (entry.type === 'idempotency_key') {
      if (!this.#keys.has(entry.request_digest)) this.#keys.set(entry.request_digest, entry.key);
    } else if (!this.#approvals.has(entry.approval_id)) {
      this.#approvals.set(entry.approval_id, entry.claim);
    }
  }
}

/** Half an entry is one whose writer died before it told anybody: it counts for nothing. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
