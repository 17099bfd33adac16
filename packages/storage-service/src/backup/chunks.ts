import { Readable } from 'node:stream';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { openBytes, sealBytes } from '../encryption/envelope.ts';
import { StorageError } from '../errors.ts';
import { inTurns } from '../in-turns.ts';
import type { ExportLine } from '../portable/lines.ts';
import { damaged, sha256, type ManifestBody } from './manifest.ts';
import type { BackupTarget } from './target.ts';

/** Small enough for one request and for little memory, large enough that there are not too many. */
const chunkBytes = 4 * 1024 * 1024;

type Chunk = ManifestBody['chunks'][number];

/** The place and the last flag are authenticated: chunks cannot be swapped, and the end cannot be cut off. */
function context(id: string, index: number, isLast: boolean) {
  return { collection: 'backup', id, field: `chunk ${index}${isLast ? ' last' : ''}` };
}

/** Compresses lines, splits and seals them, and puts the chunks one after the other. */
export async function putChunks(
  id: string,
  parts: AsyncIterable<readonly ExportLine[]>,
  dataKey: Uint8Array,
  target: BackupTarget,
  onChunk: (bytes: number) => void,
): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const put = async (plain: Buffer, isLast: boolean) => {
    const index = chunks.length;
    const name = `${id}/chunk-${String(index).padStart(6, '0')}`;
    const sealed = sealBytes(plain, dataKey, 1, context(id, index, isLast));
    await target.put(name, sealed);
    chunks.push({
      name,
      bytes: sealed.length,
      sha256: sha256(sealed),
      sha256_plain: sha256(plain),
    });
    onChunk(sealed.length);
  };
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of compressed(parts)) {
    if (bytes >= chunkBytes) {
      await put(Buffer.concat(waiting), false);
      waiting = [];
      bytes = 0;
    }
    waiting.push(piece);
    bytes += piece.length;
  }
  await put(Buffer.concat(waiting), true);
  return chunks;
}

async function* compressed(parts: AsyncIterable<readonly ExportLine[]>): AsyncGenerator<Buffer> {
  const text = Readable.from(texts(parts));
  const compressor = createZstdCompress();
  text.on('error', (error) => compressor.destroy(error));
  for await (const piece of text.pipe(compressor)) yield Buffer.from(piece);
}

async function* texts(parts: AsyncIterable<readonly ExportLine[]>): AsyncGenerator<string> {
  for await (const lines of parts) {
    const jsons = await inTurns(lines, (line) => `${JSON.stringify(line)}\n`);
    yield jsons.join('');
  }
}

/**
 * The text of a backup, chunk by chunk, each checked before anything of it is given out.
 *
 * @throws (through the stream) StorageError `BACKUP_DAMAGED` naming the chunk
 */
export function readChunks(
  id: string,
  chunks: readonly Chunk[],
  dataKey: Uint8Array,
  target: BackupTarget,
): Readable {
  const opened = Readable.from(openedChunks(id, chunks, dataKey, target));
  const decompressor = createZstdDecompress();
  opened.on('error', (error) => decompressor.destroy(error));
  return opened.pipe(decompressor);
}

async function* openedChunks(
  id: string,
  chunks: readonly Chunk[],
  dataKey: Uint8Array,
  target: BackupTarget,
): AsyncGenerator<Uint8Array> {
  for (const [index, chunk] of chunks.entries()) {
    const isLast = index === chunks.length - 1;
    yield await openChunk(id, chunk, context(id, index, isLast), dataKey, target);
  }
}

async function openChunk(
  id: string,
  chunk: Chunk,
  place: ReturnType<typeof context>,
  dataKey: Uint8Array,
  target: BackupTarget,
): Promise<Uint8Array> {
  let sealed: Uint8Array;
  try {
    sealed = await target.get(chunk.name);
  } catch (cause) {
    if (!StorageError.is(cause) || cause.code !== 'NOT_FOUND') throw cause;
    throw damaged(id, `${chunk.name} is missing`, cause);
  }
  if (sha256(sealed) !== chunk.sha256) throw damaged(id, `${chunk.name} was changed`);
  let plain: Buffer;
  try {
    plain = openBytes(sealed, dataKey, place);
  } catch (cause) {
    throw damaged(id, `${chunk.name} does not open`, cause);
  }
  if (sha256(plain) !== chunk.sha256_plain) throw damaged(id, `${chunk.name} has other content`);
  return plain;
}
