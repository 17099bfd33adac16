import { utimes } from 'node:fs/promises';
import type { JournalFiles } from './entries.ts';

/**
 * Keeps the logs of what runs from looking old: retention of another engine on the same folder goes by their age, and a
 * command may say nothing for hours.
 *
 * @param everyMs well below the time for which retention leaves logs alone that it does not know
 * @returns stops it
 */
export function keepYoung(running: () => readonly JournalFiles[], everyMs: number): () => void {
  const timer = setInterval(() => {
    const now = new Date();
    for (const { log } of running()) {
      // Not made yet, or removed.
      void utimes(log, now, now).catch(() => {});
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
