import type { Journal } from '../logs/journal.ts';
import { Capture } from '../output/capture.ts';
import type { Captured } from '../output/capture.ts';
import { readEntries } from '../logs/reader.ts';
import type { ExecutionResult } from '../result.ts';

/** A result, with the output that it holds in memory or, once that was put away, read back from the log. */
export class KeptResult {
  readonly #journal: Journal;
  readonly #captureBytes: number;
  #result: ExecutionResult;
  #isAway = false;

  /** @param captureBytes what the result holds of each stream at most */
  constructor(result: ExecutionResult, journal: Journal, captureBytes: number) {
    this.#result = result;
    this.#journal = journal;
    this.#captureBytes = captureBytes;
  }

  /** What its output takes in memory, at least. */
  get heldBytes(): number {
    return this.#result.stdout.length + this.#result.stderr.length;
  }

  /** The result, complete. Where the log is gone, or there was none, the output says so. */
  async read(): Promise<ExecutionResult> {
    if (!this.#isAway) return this.#result;
    try {
      if (this.#result.log_path !== null)
        return withOutput(this.#result, await outputInLog(this.#journal, this.#captureBytes));
    } catch {
      // The log was removed: what is known of the execution otherwise is still true.
    }
    return this.#result;
  }

  /** Lets go of the output. */
  putAway(): void {
    if (this.#isAway) return;
    const { stdout, stderr } = this.#result;
    const gone = (text: string) => (text === '' ? '' : `… ${text.length} characters left out …\n`);
    this.#isAway = true;
    this.#result = {
      ...this.#result,
      stdout: gone(stdout),
      stderr: gone(stderr),
      stdout_truncated: stdout !== '',
      stderr_truncated: stderr !== '',
    };
    this.#journal.replaceEnd(this.#result, () => this.read());
  }
}

/** The output of the last attempt as the log has it, put together as it was when it came. */
export async function outputInLog(
  journal: Journal,
  captureBytes: number,
): Promise<{ stdout: Captured; stderr: Captured }> {
  let captures = newCaptures(captureBytes);
  let position = 0;
  for (;;) {
    const entries = await readEntries(journal.files, position);
    for (const { loaded, indexEnd } of entries) {
      const { entry, data } = loaded;
      position = indexEnd;
      if (entry.kind === 'output' && data !== null) captures[entry.stream].push(data);
      else if (entry.kind === 'event' && entry.body.type === 'started') {
        captures = newCaptures(captureBytes);
      }
    }
    if (entries.length > 0) continue;
    return { stdout: captures.stdout.finish(), stderr: captures.stderr.finish() };
  }
}

function newCaptures(bytes: number): { stdout: Capture; stderr: Capture } {
  return { stdout: new Capture(bytes), stderr: new Capture(bytes) };
}

function withOutput(
  result: ExecutionResult,
  { stdout, stderr }: { stdout: Captured; stderr: Captured },
): ExecutionResult {
  return {
    ...result,
    stdout: stdout.text,
    stderr: stderr.text,
    stdout_truncated: stdout.truncated,
    stderr_truncated: stderr.truncated,
  };
}
