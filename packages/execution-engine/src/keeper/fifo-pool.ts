import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemErrorCode } from '../errors.ts';
import type { OutputPipe } from '../process/output-pipe.ts';

/** Made by one `mkfifo`: making them costs a process. */
const BATCH = 16;

/** Opened in advance, so that a start need not wait for it: the two of one process, for two starts in a row. */
const OPEN_IN_ADVANCE = 4;

/** A pipe holds this much on Linux (pipe(7)): no read gives more. */
const LARGEST_READ = 64 * 1024;

const TRANSIENT = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM']);

const run = promisify(execFile);

/**
 * Named pipes for the output of processes. Node makes pairs of sockets instead, and a socket cannot be opened by name:
 * `echo oops > /dev/stderr` in a script fails with ENXIO. A named pipe behaves as a script expects of a pipe.
 *
 * A pipe is used again once all of its writers have closed it. What is read is lent: it lasts until the next read.
 */
export class FifoPool {
  readonly #folder: string;
  /** Every read of every pipe goes into this one: a new buffer for each costs more than the copy that it saves. */
  readonly #scratch = Buffer.allocUnsafeSlow(LARGEST_READ);
  #free: string[] = [];
  #open: OutputPipe[] = [];
  #made = 0;
  #making: Promise<void> | null = null;
  #opensLater = false;
  #impossible = false;

  /** @param folder where they lie; made if it is not there */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes some in advance. */
  async prepare(): Promise<void> {
    this.#making ??= this.#make();
    try {
      await this.#making;
    } finally {
      this.#making = null;
    }
    this.#openSome();
  }

  /** A pipe, both of its ends open; null where the system has no named pipes. */
  async take(): Promise<OutputPipe | null> {
    this.#openLater();
    const ready = this.#open.shift();
    if (ready !== undefined) return ready;
    while (this.#free.length === 0 && !this.#impossible) await this.prepare();
    const path = this.#free.pop();
    return path === undefined ? null : this.#openPipe(path);
  }

  /** Whoever takes one is about to start a process: that goes first. */
  #openLater(): void {
    if (this.#opensLater) return;
    this.#opensLater = true;
    setImmediate(() => {
      this.#opensLater = false;
      this.#openSome();
    });
  }

  #openSome(): void {
    while (this.#open.length < OPEN_IN_ADVANCE) {
      const path = this.#free.pop();
      if (path === undefined) return;
      try {
        this.#open.push(this.#openPipe(path));
      } catch {
        // Too many open files, for example: then whoever needs it will hear of it.
        this.#free.push(path);
        return;
      }
    }
  }

  #openPipe(path: string): OutputPipe {
    // Without waiting for a writer; only this end is non-blocking, the process's own is as usual.
    const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writeEnd = openWriteEnd(path, readEnd);
    let isOpen = true;
    let take: (chunk: Buffer) => boolean = () => false;
    const socket = new Socket({
      fd: readEnd,
      readable: true,
      writable: false,
      onread: {
        buffer: this.#scratch,
        callback: (bytes) => take(this.#scratch.subarray(0, bytes)),
      },
    });
    return {
      writeEnd,
      stream: socket,
      onChunk: (receive) => {
        take = receive;
        socket.resume();
      },
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
    } catch (error) {
      // Too many files or processes: not now, but later.
      if (TRANSIENT.has(systemErrorCode(error) ?? '')) throw error;
      // Then Node's sockets have to do: everything but opening them by name works with them.
      this.#impossible = true;
    }
  }
}

function openWriteEnd(path: string, readEnd: number): number {
  try {
    return openSync(path, constants.O_WRONLY);
  } catch (error) {
    closeSync(readEnd);
    throw error;
  }
}
