import type { Readable } from 'node:stream';

/** Takes a chunk; false asks to be given no more until the stream is resumed. */
export type ChunkReceiver = (chunk: Buffer) => boolean;

/** What comes out of a process. */
export interface OutputSource {
  /** Tells of its end, resumes, and is destroyed to give it up; its data comes through `onChunk`. */
  stream: Readable;
  /** Starts the flow. */
  onChunk(receive: ChunkReceiver): void;
}

/** What a process writes one of its outputs into, instead of the pair of sockets that Node would make. */
export interface OutputPipe extends OutputSource {
  /** The end for the process: a descriptor. */
  writeEnd: number;
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

/** A stream of Node's as a source. */
export function streamSource(stream: Readable): OutputSource {
  return {
    stream,
    onChunk: (receive) => {
      stream.on('data', (chunk: Buffer) => {
        if (!receive(chunk)) stream.pause();
      });
    },
  };
}
