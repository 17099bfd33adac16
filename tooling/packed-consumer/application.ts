import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './run.ts';
import type { Tarball } from './tarballs.ts';

/** `#`, `%` and spaces on purpose: URLs and paths are not the same thing. */
const FOLDER_NAME = 'an app #1 100%';

/**
 * Makes an empty application and installs the tarballs into it with plain npm, as a user would; our packages resolve to
 * each other's tarballs.
 *
 * @returns its folder
 */
export async function createApplication(
  parent: string,
  tarballs: readonly Tarball[],
  withTransformers: boolean,
): Promise<string> {
  const folder = join(parent, FOLDER_NAME);
  await mkdir(folder);
  const manifest = {
    name: 'consumer',
    version: '1.0.0',
    private: true,
    dependencies: {
      ...Object.fromEntries(tarballs.map(({ name, file }) => [name, `file:${file}`])),
      ...(withTransformers && { '@huggingface/transformers': '^4.3.1' }),
    },
    devDependencies: { typescript: '~6.0.3', '@types/node': '^24.0.0' },
    overrides: Object.fromEntries(tarballs.map(({ name }) => [name, `$${name}`])),
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  await mustRun('npm', ['install', '--no-audit', '--no-fund'], folder, {
    // Its install script downloads GPU libraries from outside the registry; the CPU library is in the package.
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  });
  return folder;
}
