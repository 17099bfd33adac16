import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * A file of lines to which several processes append.
 *
 * Each line is synced to disk before `append` resolves; `read` gives the lines that have come since the last call, also those of others. The file is made with mode
 * 0600, its folder with 0700.
 */
export class AppendFile {
  readonly path: string;
  #offset = 0;

  constructor(path: string) {
    this.path = path;
  }

  async append(line: string): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const file = await open(this.path, 'a', 0o600);
    try {
      // The line break in front cuts off what a crash left of a line that nobody was told of.
      const { size } = await file.stat();
      await file.appendFile(`\n${line}\n`);
      await file.datasync();
      if (size === 0) await syncFolder(dirname(this.path));
    } finally {
      await file.close();
    }
  }

  /** Empty lines stand between the others. */
  async read(): Promise<string[]> {
    const bytes = await readFrom(this.path, this.#offset);
    // Another process may be in the middle of a line: it is read again next time.
    const end = bytes.lastIndexOf(0x0a) + 1;
    this.#offset += end;
    return bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
  }
}

/** A new file is only there after a loss of power when its folder is on disk too; where folders cannot be synced (Windows), that is left to the system. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** What a file holds from an offset on; nothing where there is no file yet. */
async function readFrom(path: string, offset: number): Promise<Buffer> {
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size < offset) throw new Error('the file has become shorter');
      const length = size - offset;
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return Buffer.alloc(0);
    throw error;
  }
}
