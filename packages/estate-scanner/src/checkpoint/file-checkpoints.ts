import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfThere, replacePrivateFile } from '../private-file.ts';
import { Checkpoint, type CheckpointStore } from './checkpoint.ts';

/**
 * Keeps checkpoints in a folder, one file of mode 0600 for each name, replaced as a whole. The folder is made when the first is saved.
 */
export function fileCheckpoints(folder: string): CheckpointStore {
  const pathOf = (name: string) => join(folder, `${name}.checkpoint.json`);
  return {
    async load(name) {
      const text = await readIfThere(pathOf(name));
      return text === null ? null : Checkpoint.parse(JSON.parse(text));
    },
    save: (checkpoint) =>
      replacePrivateFile(pathOf(checkpoint.name), `${JSON.stringify(checkpoint)}\n`),
    remove: (name) => rm(pathOf(name), { force: true }),
  };
}
