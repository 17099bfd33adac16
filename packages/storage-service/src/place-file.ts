import { link, open, rename, rm } from 'node:fs/promises';

/** What file systems without hard links answer (FAT, some network shares). */
const withoutLinks: ReadonlySet<unknown> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
]);

/**
 * Moves a finished file to its place, unless something is there: then that stays, and the error has the code `EEXIST`.
 *
 * @throws Error of the file system
 */
export async function placeFile(from: string, to: string): Promise<void> {
  try {
    // A link, unlike a rename, does not replace what is there.
    await link(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && withoutLinks.has(error.code))) throw error;
    // Claimed first: of two only one comes so far.
    await (await open(to, 'wx')).close();
    await rename(from, to);
    return;
  }
  await rm(from);
}
