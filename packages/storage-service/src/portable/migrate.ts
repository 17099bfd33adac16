import { z } from 'zod';
import type { StorageBackend } from '../backends/backend.ts';
import type { Sealer } from '../encryption/sealer.ts';
import { storeId } from '../store-id.ts';
import { exportLines, type ExportPosition } from './export.ts';
import { importLines, type ImportOptions, type ImportTarget } from './import.ts';
import type { ExportLine, PortableCounts } from './lines.ts';
import { oneAhead } from './one-ahead.ts';

const Position = z.object({
  message: z.object({ seq: z.int(), id: z.string() }).nullable(),
  key: z.string().nullable(),
});

/** One store to copy from or to. */
export interface MigrationEnd {
  backend: StorageBackend;
  sealer: Sealer;
  target: ImportTarget;
}

/**
 * Copies everything from one store to another. How far it has come is kept in the target: after an interruption the next call goes
 * on there. What the source gets meanwhile is copied too, if it comes behind: messages always, resources by their key.
 */
export async function migrateStore(
  from: MigrationEnd,
  to: MigrationEnd,
  options: ImportOptions,
): Promise<PortableCounts> {
  const name = `migration-from-${await storeId(from.backend.documents)}`;
  const { documents } = to.backend;
  let saved = await documents.read(name);
  const position: ExportPosition =
    saved === null ? { message: null, key: null } : Position.parse(JSON.parse(saved));
  // Ahead of what is remembered, not behind: what was only read is not there yet.
  const lines = remembering(
    oneAhead(exportLines(from.backend, from.sealer, { ...position })),
    position,
  );
  const save = async (text: string) => {
    await documents.replace(name, saved, text);
    saved = text;
  };
  const counts = await importLines(lines, to.target, {
    ...options,
    onProgress: async (progress) => {
      await save(JSON.stringify(position));
      await options.onProgress?.(progress);
    },
  });
  // Finished: a later migration looks at everything again.
  await save(JSON.stringify({ message: null, key: null }));
  return counts;
}

/** Notes in `position` how far the lines given out have come. */
async function* remembering(
  parts: AsyncIterable<ExportLine[]>,
  position: ExportPosition,
): AsyncGenerator<ExportLine[]> {
  for await (const lines of parts) {
    for (const line of lines) {
      if (line.type === 'message') {
        position.message = { seq: line.message.seq, id: line.message.id };
      }
      if (line.type === 'resource') position.key = line.record.key;
    }
    yield lines;
  }
}
