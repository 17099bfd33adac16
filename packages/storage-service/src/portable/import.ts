import type { EstateBackend, ResourceWrite } from '../backends/backend.ts';
import type { ChatCollection } from '../chat.ts';
import type { ChatMessage } from '../chat-message.ts';
import { checkVector, type EmbeddingGuard } from '../embedding-guard.ts';
import type { Sealer } from '../encryption/sealer.ts';
import { StorageError, throwIfAborted } from '../errors.ts';
import { sealHistory } from '../estate-history.ts';
import { permissionsHash } from '../estate-record.ts';
import { sealRecord } from '../estate-sealing.ts';
import { normalizeTime } from '../time.ts';
import { inTurns } from '../in-turns.ts';
import {
  decodeVector,
  exportVersion,
  type ExportedResource,
  type ExportLine,
  type PortableCounts,
} from './lines.ts';

/** What lines are taken into. */
export interface ImportTarget {
  chat: ChatCollection;
  estate: EstateBackend;
  guard: EmbeddingGuard;
  sealer: Sealer;
}

/** How an import runs. */
export interface ImportOptions {
  signal?: AbortSignal;
  /** Called after each part that is safely stored. */
  onProgress?: (counts: PortableCounts) => void | Promise<void>;
}

/**
 * Takes an export in. Messages keep id and time and get places behind those that are there; resources that are there and were seen
 * later stay. So the same import again changes nothing.
 *
 * @throws StorageError `INVALID_INPUT`, `VECTOR_INVALID` when it is no export, of a later release, or cut off (what came before is stored), `ID_CONFLICT`,
 * `EMBEDDING_MISMATCH`, `ABORTED`
 */
export async function importLines(
  parts: AsyncIterable<readonly ExportLine[]>,
  target: ImportTarget,
  options: ImportOptions = {},
): Promise<PortableCounts> {
  const counts: PortableCounts = { messages: 0, resources: 0 };
  let isOpen = false;
  let end: PortableCounts | null = null;
  for await (const lines of parts) {
    throwIfAborted(options.signal);
    const messages: ChatMessage[] = [];
    const resources: ExportedResource[] = [];
    for (const line of lines) {
      if (line.type === 'header') {
        checkHeader(line.version);
        isOpen = true;
        continue;
      }
      if (!isOpen || end !== null) throw broken('its lines are not in order');
      if (line.type === 'message') messages.push(line.message);
      else if (line.type === 'resource') resources.push(line);
      else end = line.counts;
    }
    await target.chat.appendMany(messages.map(({ seq: _seq, ...message }) => message));
    await writeResources(resources, target);
    counts.messages += messages.length;
    counts.resources += resources.length;
    await options.onProgress?.(counts);
  }
  if (end === null) throw broken('it ends before its last line: it was cut off');
  if (end.messages !== counts.messages || end.resources !== counts.resources) {
    throw broken('it has fewer or more lines than it says at its end');
  }
  return counts;
}

function checkHeader(version: number): void {
  if (version === exportVersion) return;
  throw broken(`it has version ${version}, and ${exportVersion} is known: update this package`);
}

function broken(problem: string): StorageError {
  return new StorageError('INVALID_INPUT', `The export cannot be taken in: ${problem}.`);
}

async function writeResources(
  lines: readonly ExportedResource[],
  { estate, guard, sealer }: ImportTarget,
): Promise<void> {
  const decoded = await inTurns(lines, (line) => ({ line, vector: checkedVector(line) }));
  await guard.admit(
    decoded.flatMap(({ line, vector }) =>
      vector === null
        ? []
        : [{ length: vector.length, model: line.record.embedding?.model ?? null }],
    ),
  );
  let open = decoded;
  // Who writes at the same time makes conflicts; they end when it does.
  while (open.length > 0) {
    const keys = open.map(({ line }) => line.record.key);
    const digests = await estate.digests(keys);
    const isAnyThere = digests.some((digest) => digest !== null);
    const stored = isAnyThere ? await estate.get(keys) : [];
    const writes = await inTurns(open, ({ line, vector }, index) => {
      const existing = stored[index]?.record ?? null;
      if (existing !== null && existing.last_seen >= line.record.last_seen) return null;
      return importWrite(line, vector, digests[index] ?? null, sealer);
    });
    const conflicts = new Set(await estate.write(writes.filter((write) => write !== null)));
    open = open.filter(({ line }) => conflicts.has(line.record.key));
  }
}

/** @throws StorageError `INVALID_INPUT`, `VECTOR_INVALID`: an export may have been changed by hand */
function checkedVector({ record, vector }: ExportedResource): Float32Array | null {
  for (const time of [record.first_seen, record.last_seen, record.missing_since]) {
    if (time !== null && normalizeTime(time) !== time) {
      throw broken(`${record.key} has a time that is none: ${time}`);
    }
  }
  if (vector === null) return null;
  const values = decodeVector(vector);
  checkVector(values, `${record.key}: vector`);
  return values;
}

function importWrite(
  { record, history }: ExportedResource,
  vector: Float32Array | null,
  expected: ResourceWrite['expected'],
  sealer: Sealer,
): ResourceWrite {
  return {
    key: record.key,
    expected,
    row: { ...sealRecord(record, sealer), permissions_hash: permissionsHash(record.permissions) },
    sighting: {
      last_seen: record.last_seen,
      scan_id: record.scan_id,
      evaluated_at: record.permissions?.evaluated_at ?? null,
    },
    vector: vector === null ? null : { values: vector, embedding: record.embedding },
    // A resource that is there has a history of its own.
    history:
      expected === null ? history.map((entry) => sealHistory(record.key, entry, sealer)) : [],
  };
}
