const IDLE = 0;
const BUSY = 1;
const STOPPED = 2;

/**
 * Keeps a process from ending while one of its threads is inside native code.
 *
 * onnxruntime-node throws a C++ exception when its thread is torn down during a call, which aborts the whole
 * process (SIGABRT instead of the exit code that was asked for; tried with 1.30). The thread enters the gate
 * around such calls; who ends the thread stops the gate first.
 */
export class NativeGate {
  /** What the thread needs to make its own end of the gate. */
  readonly buffer: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#state = new Int32Array(buffer);
  }

  /** Called by the thread before native code; false when the gate was stopped, and then there is nothing left to do. */
  enter(): boolean {
    return Atomics.compareExchange(this.#state, 0, IDLE, BUSY) === IDLE;
  }

  /** Called by the thread after native code. */
  leave(): void {
    Atomics.compareExchange(this.#state, 0, BUSY, IDLE);
    Atomics.notify(this.#state, 0);
  }

  /**
   * Waits, blocking, until the thread is outside, and lets it in no more.
   *
   * @returns false when it was still inside after `timeoutMs`
   */
  stop(timeoutMs: number): boolean {
    const deadline = Date.now() + timeoutMs;
    while (Atomics.compareExchange(this.#state, 0, IDLE, STOPPED) === BUSY) {
      const left = deadline - Date.now();
      if (left <= 0) return false;
      Atomics.wait(this.#state, 0, BUSY, left);
    }
    return true;
  }
}
