import type { Journal } from '../logs/journal.ts';
import type { Masker } from '../masking/masker.ts';
import { Capture } from './capture.ts';
import { LineAssembler } from './lines.ts';
import type { Piece } from './lines.ts';
import type { StreamName } from './streams.ts';

/** The output of one attempt on its way: lines → masking → log and result. */
export class OutputPipeline {
  readonly #journal: Journal | null;
  readonly #masker: Masker;
  readonly #lines: Record<StreamName, LineAssembler>;
  readonly #captures: Record<StreamName, Capture>;

  /** @param journal null keeps the output out of log and events */
  constructor(journal: Journal | null, masker: Masker, captureBytes: number) {
    this.#journal = journal;
    this.#masker = masker;
    this.#lines = { stdout: new LineAssembler(), stderr: new LineAssembler() };
    this.#captures = { stdout: new Capture(captureBytes), stderr: new Capture(captureBytes) };
  }

  /** Takes a chunk. A promise asks to hold back. */
  write(stream: StreamName, chunk: Buffer): Promise<void> | undefined {
    return this.#emit(stream, this.#lines[stream].push(chunk));
  }

  /** Passes on what has no newline, and gives what the result holds. */
  finish() {
    for (const stream of ['stdout', 'stderr'] as const) {
      // No more is to come: nobody is left to hold back.
      void this.#emit(stream, this.#lines[stream].end());
    }
    return { stdout: this.#captures.stdout.finish(), stderr: this.#captures.stderr.finish() };
  }

  #emit(stream: StreamName, pieces: readonly Piece[]): Promise<void> | undefined {
    let pressure: Promise<void> | undefined;
    for (const piece of pieces) {
      const bytes = this.#masker.mask(piece.bytes);
      this.#captures[stream].push(bytes);
      pressure = this.#journal?.output(stream, { bytes, partial: piece.partial });
    }
    return pressure;
  }
}
