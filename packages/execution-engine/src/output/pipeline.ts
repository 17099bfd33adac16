import type { Journal } from '../logs/journal.ts';
import type { Masker } from '../masking/masker.ts';
import { Capture } from './capture.ts';
import { LARGEST_FRAGMENT, LOOK_AHEAD, LineAssembler } from './lines.ts';
import type { Piece } from './lines.ts';
import type { StreamName } from './streams.ts';

/** The output of one attempt on its way: lines → masking → log and result. */
export class OutputPipeline {
  readonly #journal: Journal | null;
  readonly #masker: Masker;
  readonly #lines: Record<StreamName, LineAssembler>;
  readonly #logged: Record<StreamName, number>;
  readonly #captures: Record<StreamName, Capture>;

  /**
   * @param journal null keeps the output out of log and events
   * @param logged bytes of each stream that are in the log already, from an engine that died
   */
  constructor(
    journal: Journal | null,
    masker: Masker,
    captureBytes: number,
    logged: Readonly<Record<StreamName, number>> = { stdout: 0, stderr: 0 },
  ) {
    this.#journal = journal;
    this.#masker = masker;
    const lines = () =>
      new LineAssembler(LARGEST_FRAGMENT, LOOK_AHEAD, (bytes, limit) =>
        masker.cutBefore(bytes, limit),
      );
    this.#lines = { stdout: lines(), stderr: lines() };
    this.#captures = { stdout: new Capture(captureBytes), stderr: new Capture(captureBytes) };
    this.#logged = { ...logged };
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
    for (const { bytes, partial } of pieces) {
      // What is logged ends where a piece ended, though this one may be cut elsewhere.
      const known = Math.min(this.#logged[stream], bytes.length);
      this.#logged[stream] -= known;
      if (known > 0) this.#captures[stream].push(this.#masker.mask(bytes.subarray(0, known)));
      if (known === bytes.length) continue;
      const rest = bytes.subarray(known);
      const masked = this.#masker.mask(rest);
      this.#captures[stream].push(masked);
      pressure = this.#journal?.output(stream, { bytes: masked, partial }, rest.length);
    }
    return pressure;
  }
}
