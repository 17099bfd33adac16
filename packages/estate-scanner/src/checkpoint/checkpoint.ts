import { z } from 'zod';
import { ScopeReport } from '../report.ts';

/** What a scan that may be interrupted has finished: the scopes of which every resource is stored. */
export const Checkpoint = z.object({
  schema: z.literal('scan-checkpoint/v1'),
  name: z.string(),
  scan_id: z.string(),
  /** SHA-256 (hex) of what the scan goes through: another selection does not go on from it. */
  selection_hash: z.string(),
  started_at: z.iso.datetime(),
  saved_at: z.iso.datetime(),
  scopes: z.array(ScopeReport),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

/** Where checkpoints are kept, by the name that a scan gives. `fileCheckpoints` keeps them in a folder. */
export interface CheckpointStore {
  /** Null where there is none. Rejects for one that cannot be read: then the scan begins anew, and says so. */
  load(name: string): Promise<Checkpoint | null>;
  /** Replaces it as a whole: a reader sees the old one or the new one, also after a crash. */
  save(checkpoint: Checkpoint): Promise<void>;
  remove(name: string): Promise<void>;
}
