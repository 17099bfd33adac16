import type { PortableCounts } from '../portable/lines.ts';

/** How a backup run, a check or a restore is followed. */
export interface BackupRunOptions {
  signal?: AbortSignal;
  onProgress?: (progress: PortableCounts & { bytes: number }) => void;
}
