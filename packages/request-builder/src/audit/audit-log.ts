import { AppendFile } from '../append-file.ts';
import { RequestError } from '../errors.ts';
import { OneAtATime } from '../one-at-a-time.ts';
import { AuditChain } from './chain.ts';
import { hashOf, type AuditEntry, type AuditRecord } from './entry.ts';

/** More than as many processes as would append at the same moment. */
const MAX_ATTEMPTS = 100;

/**
 * An append-only NDJSON file in which each entry has the hash of the one before it, so that what is changed or taken out shows.
 *
 * Who can write the file can also write a whole new chain, or cut off its end: keep the head (`verifyAudit`) somewhere else to notice that.
 */
export class AuditLog {
  readonly #file: AppendFile;
  readonly #chain = new AuditChain();
  readonly #queue = new OneAtATime();

  constructor(path: string) {
    this.#file = new AppendFile(path);
  }

  /**
   * Appends a record; it is on disk when this resolves.
   *
   * @throws RequestError `AUDIT_FAILED` where it cannot be written, or the chain is broken already
   */
  async append(record: AuditRecord): Promise<void> {
    try {
      await this.#queue.run(() => this.#append(record));
    } catch (error) {
      if (RequestError.is(error)) throw error;
      throw this.#failed('cannot be used', error);
    }
  }

  async #append(record: AuditRecord): Promise<void> {
    await this.#read();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const content = { at: new Date().toISOString(), previous: this.#chain.head, record };
      const entry: AuditEntry = { ...content, hash: hashOf(content) };
      await this.#file.append(JSON.stringify(entry));
      // Another process may have been quicker: then this one is not in the chain.
      if (await this.#read(entry.hash)) return;
    }
    throw this.#failed('is written to by too many at once');
  }

  /** Follows the chain to its end; true where the entry with that hash has become part of it. */
  async #read(hash?: string): Promise<boolean> {
    let isLinked = false;
    for (const line of await this.#file.read()) {
      this.#chain.add(line);
      if (this.#chain.head === hash) isLinked = true;
    }
    const { fault } = this.#chain;
    if (fault !== null) throw this.#failed(`is broken at line ${fault.line}: ${fault.message}`);
    return isLinked;
  }

  #failed(what: string, cause?: unknown): RequestError {
    return new RequestError('AUDIT_FAILED', `the audit log ${this.#file.path} ${what}`, {
      details: { path: this.#file.path },
      cause,
    });
  }
}
