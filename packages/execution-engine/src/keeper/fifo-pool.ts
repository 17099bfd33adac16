import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OutputPipe } from '../process/output-pipe.ts';

/** Made by one `mkfifo`: making them costs a process. */
const BATCH = 16;

const run = promisify(execFile);

/**
 * Named pipes for the output of processes. Node makes pairs of sockets instead, and a socket cannot be opened by name:
 * `echo oops > /dev/stderr` in a script fails with ENXIO. A named pipe behaves as a script expects of a pipe.
 *
 * A pipe is used again once all of its writers have closed it.
 */
export class FifoPool {
  readonly #folder: string;
  #free: string[] = [];
  #made = 0;
  #making: Promise<void> | null = null;
  #impossible = false;

  /** @param folder where they lie; made if it is not there */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes some in advance. */
  async prepare(): Promise<void> {
    this.#making ??= this.#make();
    await this.#making;
    this.#making = null;
  }

  /** A pipe, both of its ends open; null where the system has no named pipes. */
  async take(): Promise<OutputPipe | null> {
    while (this.#free.length === 0 && !this.#impossible) await this.prepare();
    const path = this.#free.pop();
    return path === undefined ? null : this.#open(path);
  }

  #open(path: string): OutputPipe {
    // Without waiting for a writer; only this end is non-blocking, the process's own is as usual.
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeEnd = openSync(path, constants.O_WRONLY);
    let isOpen = true;
    return {
      writeEnd,
      stream: new Socket({ fd: readEnd, readable: true, writable: false }),
      closeWriteEnd: () => {
        if (isOpen) closeSync(writeEnd);
        isOpen = false;
      },
      release: (ended) => {
        // What an old writer still puts in must never come out as the output of another process.
        if (ended) this.#free.push(path);
        else rmSync(path, { force: true });
      },
    };
  }

  async #make(): Promise<void> {
    const paths = Array.from({ length: BATCH }, (_, at) =>
      join(this.#folder, String(this.#made + at)),
    );
    this.#made += BATCH;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await run('mkfifo', ['-m', '600', ...paths], { env: { PATH: '/usr/bin:/bin' } });
      this.#free.push(...paths);
    } catch {
      // Then Node's sockets have to do: everything but opening them by name works with them.
      this.#impossible = true;
    }
  }
}
