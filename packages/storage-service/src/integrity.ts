import type { StorageBackend } from './backends/backend.ts';
import { messagePages, resourcePages } from './backends/pages.ts';
import { openMessage } from './chat-sealing.ts';
import type { Sealer } from './encryption/sealer.ts';
import { StorageError, throwIfAborted } from './errors.ts';
import { openHistory } from './estate-history.ts';
import { openRecord } from './estate-sealing.ts';
import { eachInTurns } from './in-turns.ts';
import { parseOptions } from './validation.ts';

/** What a check found. */
export interface IntegrityReport {
  ok: boolean;
  /** How many messages and resources could be read. */
  messages: number;
  resources: number;
  /** What is wrong: with the store as a whole (`id` null), or with one message or resource. */
  problems: { collection: 'store' | 'chat' | 'estate'; id: string | null; message: string }[];
}

/** How a check runs. */
export interface IntegrityOptions {
  signal?: AbortSignal;
  /** Called now and then. */
  onProgress?: (progress: { messages: number; resources: number }) => void;
}

/** Checks the structure of the store, then opens every message, every resource and every change of one. */
export async function checkIntegrity(
  backend: StorageBackend,
  sealer: Sealer,
  input: IntegrityOptions,
): Promise<IntegrityReport> {
  const options = parseOptions(input, 'integrityCheck');
  const report: IntegrityReport = { ok: true, messages: 0, resources: 0, problems: [] };
  for (const message of await backend.maintenance.check()) {
    report.problems.push({ collection: 'store', id: null, message });
  }
  // A store whose structure is broken cannot be read through.
  if (report.problems.length === 0) {
    for await (const page of messagePages(backend.chat)) {
      throwIfAborted(options.signal);
      await sealer.prepare(page);
      report.messages += await countReadable(page, report, 'chat', (stored) => ({
        id: stored.id,
        open: () => openMessage(stored, sealer),
      }));
      options.onProgress?.({ messages: report.messages, resources: 0 });
    }
    for await (const page of resourcePages(backend.estate, null)) {
      throwIfAborted(options.signal);
      await sealer.prepare(page);
      report.resources += await countReadable(page, report, 'estate', (stored) => ({
        id: stored.record.key,
        open: () => openRecord(stored, sealer),
      }));
      options.onProgress?.({ messages: report.messages, resources: report.resources });
    }
  }
  if (report.problems.every(({ collection }) => collection !== 'store')) {
    await checkHistory(backend, sealer, options, report);
  }
  return { ...report, ok: report.problems.length === 0 };
}

/** A change that cannot be read would end each backup. */
async function checkHistory(
  { sealed }: StorageBackend,
  sealer: Sealer,
  { signal }: IntegrityOptions,
  report: IntegrityReport,
): Promise<void> {
  let after: string | null = null;
  for (;;) {
    throwIfAborted(signal);
    const page = await sealed.page({ collection: 'history', after, limit: 500 });
    if (page.length === 0) return;
    after = page.at(-1)?.place ?? null;
    await sealer.prepare(page);
    await countReadable(page, report, 'estate', (item) => ({
      id: item.id,
      open: () => openHistory(item.id, { at: '', scan_id: null, sealed: item.sealed }, sealer),
    }));
  }
}

async function countReadable<T>(
  page: readonly T[],
  report: IntegrityReport,
  collection: 'chat' | 'estate',
  itemOf: (stored: T) => { id: string; open: () => unknown },
): Promise<number> {
  let readable = 0;
  await eachInTurns(page, (stored) => {
    const { id, open } = itemOf(stored);
    try {
      open();
      readable += 1;
    } catch (error) {
      if (!StorageError.is(error)) throw error;
      report.problems.push({ collection, id, message: error.message });
    }
  });
  return readable;
}
