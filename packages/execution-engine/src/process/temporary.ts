import { rm } from 'node:fs/promises';

/** Removes the folder that was made for one run of a process, if there is one. */
export async function removeTemporary(folder: string | undefined): Promise<void> {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
}
