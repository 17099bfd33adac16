import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KeeperConfig } from './protocol.ts';

/** Removes what a keeper that ended by itself, or was killed, left behind, as far as it can be removed. */
export async function removeKeeperFolders(config: KeeperConfig): Promise<void> {
  for (const folder of new Set([config.folder, dirname(config.socket)])) {
    // A keeper that has not ended yet may add a file while this goes on, or remove the folder itself.
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}
