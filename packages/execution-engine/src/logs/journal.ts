import type { ExecutionError } from '../errors.ts';
import type { LastEvent, StoredEvent } from '../events.ts';
import { holdChunk, releaseChunk } from '../output/chunk-memory.ts';
import { lineCount } from '../output/line-texts.ts';
import type { Piece } from '../output/lines.ts';
import type { StreamName } from '../output/streams.ts';
import { Signal } from './signal.ts';
import type { JournalEnd } from './resume.ts';
import { indexLine } from './entries.ts';
import type { EventEntry, JournalFiles, JournalScope, LoadedEntry } from './entries.ts';
import { logUnreadable, readEntries } from './reader.ts';
import { JournalWriter } from './writer.ts';

/** What is kept in memory for readers that keep up; the others read the files. */
const RECENT_BYTES = 1024 * 1024;
const RECENT_ENTRIES = 256;

/**
 * Everything that one execution said and did, in one order: a log that a person can read, and an index that says which
 * stretch of it is which stream, when, with which sequence numbers.
 *
 * Every reader has a cursor of its own, so that none can hold up another or the execution, and a late one sees the
 * same as an early one.
 */
export class Journal {
  readonly scope: JournalScope;
  readonly files: JournalFiles;
  /** Null: nothing goes to disk. */
  readonly #writer: JournalWriter | null;
  readonly #recent = new Map<number, LoadedEntry & { indexEnd: number }>();
  #recentBytes = 0;
  #indexBytes = 0;
  #seq = 0;
  #logBytes = 0;
  #flushedBytes = 0;
  #ended = false;
  #recallEnd: (() => Promise<LastEvent['result']>) | null = null;
  readonly changed = new Signal();

  /**
   * @param ready settles when the log directory may be used; where it rejects, the journal lives in memory only. Null: so
   * it is meant to, for an execution that is not to be logged; what it holds then are a few events
   * @param resumed what an earlier engine wrote, to go on behind it
   */
  constructor(
    scope: JournalScope,
    files: JournalFiles,
    ready: Promise<void> | null,
    resumed: JournalEnd | null = null,
  ) {
    this.scope = scope;
    this.files = files;
    this.#seq = resumed?.lastSeq ?? 0;
    this.#indexBytes = resumed?.indexBytes ?? 0;
    this.#logBytes = resumed?.logBytes ?? 0;
    this.#flushedBytes = this.#logBytes;
    const onFlushed = (bytes: number) => {
      this.#flushedBytes += bytes;
      this.#forget();
      this.changed.notify();
    };
    this.#writer = ready === null ? null : new JournalWriter(files, ready, resumed, onFlushed);
  }

  /** The number of the last event so far. */
  get lastSeq(): number {
    return this.#seq;
  }

  /** Bytes of the log that are on disk. */
  get flushedBytes(): number {
    return this.#flushedBytes;
  }

  /** Whether the last event is in. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Why the log could not be written, if so. */
  get failure(): ExecutionError | null {
    return this.#writer?.failure ?? null;
  }

  /** Where the log lies; null where there is none. */
  get path(): string | null {
    return this.#writer === null || this.failure !== null ? null : this.files.log;
  }

  /**
   * Adds output. A promise asks to hold back until the disk has caught up.
   *
   * @param raw how many bytes of the process's own output it stands for
   */
  output(stream: StreamName, piece: Piece, raw = piece.bytes.length): Promise<void> | undefined {
    if (this.failure !== null) return undefined;
    this.#append({
      entry: {
        kind: 'output',
        seq: this.#seq + 1,
        count: lineCount(piece.bytes),
        stream,
        offset: this.#logBytes,
        bytes: piece.bytes.length,
        raw,
        partial: piece.partial,
        at: Date.now(),
      },
      data: piece.bytes,
    });
    this.#logBytes += piece.bytes.length;
    return this.#writer?.pressure();
  }

  /** Adds an event that is not output. */
  event(body: StoredEvent): void {
    this.#append(this.#eventEntry(body));
  }

  /** Adds the last event. It stays in memory, so that the index need not hold a whole result. */
  end(body: LastEvent): void {
    this.#ended = true;
    this.#append(this.#eventEntry(body));
    void this.#writer?.close();
  }

  /** Puts another result in the last event, to save memory; `recall` gives the whole one to whoever reads it. */
  replaceEnd(result: LastEvent['result'], recall: () => Promise<LastEvent['result']>): void {
    for (const [seq, stored] of this.#recent) {
      const { entry } = stored;
      if (entry.kind !== 'event' || !('result' in entry.body)) continue;
      this.#recent.set(seq, { ...stored, entry: { ...entry, body: { ...entry.body, result } } });
      this.#recallEnd = recall;
    }
  }

  /** Puts the last event back that an earlier engine wrote: as the next one, or in the place of its mark. */
  restoreEnd(body: LastEvent, at: number, marked: boolean): void {
    if (marked) this.#seq -= 1;
    const entry: EventEntry = { kind: 'event', seq: this.#seq + 1, count: 1, at, body };
    this.#recent.set(entry.seq, { entry, data: null, indexEnd: this.#indexBytes });
    this.#seq = entry.seq;
    this.#ended = true;
  }

  /** Resolves when everything so far is on disk, or never will be (see `failure`). */
  async flush(): Promise<void> {
    // What has ended was flushed before its end, and its files are closed.
    if (!this.#ended) await this.#writer?.flush();
  }

  /** All entries from the first on, then as they come, to the last. */
  async *follow(signal?: AbortSignal): AsyncGenerator<LoadedEntry> {
    let seq = 1;
    let indexPosition = 0;
    for (;;) {
      if (signal?.aborted) return;
      const loaded = this.#recent.get(seq);
      if (loaded !== undefined) {
        if (loaded.data !== null) holdChunk(loaded.data);
        yield await this.#recalled(loaded);
        if (loaded.data !== null) releaseChunk(loaded.data);
        seq += loaded.entry.count;
        indexPosition = loaded.indexEnd;
      } else if (seq <= this.#seq) {
        const stored = await readEntries(this.files, indexPosition);
        if (stored.length === 0) throw logUnreadable(this.files, 'its index is damaged');
        for (const { loaded: old, indexEnd } of stored) {
          yield old;
          seq = old.entry.seq + old.entry.count;
          indexPosition = indexEnd;
          if (signal?.aborted || this.#recent.has(seq)) break;
        }
      } else if (this.#ended) {
        return;
      } else {
        await this.changed.wait(signal);
      }
    }
  }

  async #recalled(loaded: LoadedEntry): Promise<LoadedEntry> {
    const { entry, data } = loaded;
    if (this.#recallEnd === null || entry.kind !== 'event' || !('result' in entry.body)) {
      return loaded;
    }
    const result = await this.#recallEnd();
    return { data, entry: { ...entry, body: { ...entry.body, result } } };
  }

  #eventEntry(body: StoredEvent | LastEvent): LoadedEntry {
    const entry: EventEntry = { kind: 'event', seq: this.#seq + 1, count: 1, at: Date.now(), body };
    return { entry, data: null };
  }

  #append(loaded: LoadedEntry): void {
    const line = indexLine(loaded.entry);
    this.#indexBytes += Buffer.byteLength(line);
    this.#recent.set(loaded.entry.seq, { ...loaded, indexEnd: this.#indexBytes });
    if (loaded.data !== null) {
      holdChunk(loaded.data);
      this.#recentBytes += loaded.data.length;
    }
    this.#seq += loaded.entry.count;
    this.#writer?.append(loaded.data, line);
    this.changed.notify();
  }

  /** Lets go of old entries that are on disk. After a failure they are nowhere else, and stay. */
  #forget(): void {
    if (this.failure !== null) return;
    for (const [seq, { entry, data }] of this.#recent) {
      const isLast = this.#ended && seq === this.#seq;
      const onDisk = entry.kind === 'event' || entry.offset + entry.bytes <= this.#flushedBytes;
      const tooMuch =
        this.#ended || this.#recentBytes > RECENT_BYTES || this.#recent.size > RECENT_ENTRIES;
      if (isLast || !onDisk || !tooMuch) return;
      this.#recent.delete(seq);
      if (data === null) continue;
      releaseChunk(data);
      this.#recentBytes -= data.length;
    }
  }
}
