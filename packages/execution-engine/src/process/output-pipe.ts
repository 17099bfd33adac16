import type { Readable } from 'node:stream';

/** What a process writes one of its outputs into, instead of the pair of sockets that Node would make. */
export interface OutputPipe {
  /** The end for the process: a descriptor. */
  writeEnd: number;
  /** What comes out. */
  stream: Readable;
  /** The process has its own copy of the write end now, or will never have one. */
  closeWriteEnd(): void;
  /**
   * Nobody reads any more.
   *
   * @param ended every writer had closed it
   */
  release(ended: boolean): void;
}

/** Makes a pipe, or gives null where Node's own has to do. */
export type MakePipe = () => Promise<OutputPipe | null>;
