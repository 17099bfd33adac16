import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { RequestError } from './errors.ts';
import { JournalFile } from './journal-file.ts';
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
    /** Of the approval: afterwards it is refused anyway. */
    expires_at: z.string().optional(),
  }),
]);
type Entry = z.infer<typeof Entry>;

const DAY_MS = 86_400_000;
/** How long a request keeps its key. Servers remember keys for a day. */
const KEPT_MS = 7 * DAY_MS;
/** Entries of one file. */
const MAX_LINES = 1000;

/** What is remembered under a name, and until when. */
interface Remembered {
  value: string;
  until: number;
}

export interface JournalOptions {
  /** Entries of one file. Default 1,000. */
  maxLines?: number;
  /** The clock, epoch milliseconds. Default `Date.now`. */
  now?: () => number;
}

/**
 * What must not be forgotten when the process dies: idempotency keys, written before a request's first byte is sent, and approvals that have been used.
 *
 * NDJSON files, mode 0600, each entry synced to disk. Several processes may share them: every one appends with `O_APPEND` and then reads what is there, and of two
 * entries about one thing the first counts. Keys are kept for a week, used approvals until a day after they have expired; full files without anything that is
 * still needed are removed. Without a path it is kept in memory.
 */
export class Journal {
  readonly #file: JournalFile | null;
  readonly #keys = new Map<string, Remembered>();
  readonly #approvals = new Map<string, Remembered>();
  readonly #queue = new OneAtATime();
  readonly #maxLines: number;
  readonly #now: () => number;
  #appended = 0;

  constructor(path: string | null, { maxLines = MAX_LINES, now = Date.now }: JournalOptions = {}) {
    this.#maxLines = maxLines;
    this.#now = now;
    const take = (line: string) => this.#take(parseLine(line));
    this.#file = path === null ? null : new JournalFile(path, take, maxLines);
  }

  /**
   * The idempotency key of a request: the one it already has, or a new one that is on disk when this resolves.
   *
   * @throws RequestError `JOURNAL_FAILED`; then nothing may be sent
   */
  async keyFor(request: { digest: string; requestId: string }): Promise<string> {
    return await this.#exclusively(async () => {
      await this.#file?.read();
      const known = this.#keys.get(request.digest);
      if (known !== undefined && known.until > this.#now()) return known.value;
      this.#keys.delete(request.digest);
      await this.#append({
        type: 'idempotency_key',
        request_digest: request.digest,
        request_id: request.requestId,
        key: randomUUID(),
        at: new Date(this.#now()).toISOString(),
      });
      return this.#keys.get(request.digest)?.value ?? '';
    });
  }

  /**
   * Takes an approval for this run.
   *
   * @param expiresAt of the approval; without it, the use is remembered for a week
   * @returns false where it has been used before, by this or another process
   * @throws RequestError `JOURNAL_FAILED`; then nothing may run
   */
  async useApproval(
    approvalId: string,
    playbookDigest: string,
    expiresAt?: string,
  ): Promise<boolean> {
    return await this.#exclusively(async () => {
      await this.#file?.read();
      if (this.#approvals.has(approvalId)) return false;
      const claim = randomUUID();
      await this.#append({
        type: 'approval_used',
        approval_id: approvalId,
        playbook_digest: playbookDigest,
        claim,
        at: new Date(this.#now()).toISOString(),
        ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
      });
      return this.#approvals.get(approvalId)?.value === claim;
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
    this.#appended += 1;
    if (this.#appended % this.#maxLines === 0) this.#forget();
    if (this.#file === null) this.#take(entry);
    else await this.#file.append(JSON.stringify(entry), this.#now());
  }

  /** @returns until when it counts; 0 for what is no entry */
  #take(input: unknown): number {
    const { data: entry } = Entry.safeParse(input);
    if (entry === undefined) return 0;
    const until = untilOf(entry);
    const isKey = entry.type === 'idempotency_key';
    const remembered = isKey ? this.#keys : this.#approvals;
    const name = isKey ? entry.request_digest : entry.approval_id;
    const known = remembered.get(name);
    // A key that is out of date has made room for a new one.
    const isOutdated = known !== undefined && known.until <= Date.parse(entry.at);
    if (known === undefined || isOutdated) {
      remembered.set(name, { value: isKey ? entry.key : entry.claim, until });
    }
    return until;
  }

  #forget(): void {
    const now = this.#now();
    for (const remembered of [this.#keys, this.#approvals]) {
      for (const [name, { until }] of remembered) if (until <= now) remembered.delete(name);
    }
  }
}

function untilOf(entry: Entry): number {
  const week = Date.parse(entry.at) + KEPT_MS;
  if (entry.type === 'idempotency_key' || entry.expires_at === undefined) return week || 0;
  return Date.parse(entry.expires_at) + DAY_MS || week || 0;
}

/** Half an entry is one whose writer died before it told anybody: it counts for nothing. */
function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
