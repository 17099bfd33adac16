import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = join(import.meta.dirname, '..');

/** Every folder with a `test` folder is a project, named after itself. */
function projectFolders(): string[] {
  const groups = ['packages', 'examples', 'testing'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => `${group}/${name}`),
  );
  return [...groups, 'tooling', 'benchmarks'];
}

/**
 * The test configuration of the workspace: packages run from their sources.
 *
 * @param name of the run: under CI its counts go to `.test-results/NAME.json`
 * @param include patterns below each project's `test` folder
 */
export function workspaceTests(name: string, include: readonly string[], timeoutMs = 60_000) {
  // Without vite's `module`: Node cannot load what some packages offer under it.
  const conditions = ['cloudops-source', 'node', 'import', 'default'];
  const projects = projectFolders().map((folder) => ({
    root: join(root, folder),
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name: folder.split('/').at(-1) ?? folder,
      include: include.map((pattern) => `test/${pattern}`),
      environment: 'node' as const,
      pool: 'forks' as const,
      execArgv: ['--conditions=cloudops-source'],
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs * 3,
    },
  }));
  const json = join(root, '.test-results', `${name}.json`);
  const reporters = process.env['CI'] === undefined ? ['default'] : ['default', 'json'];
  return defineConfig({ test: { projects, maxWorkers: 2, reporters, outputFile: { json } } });
}
