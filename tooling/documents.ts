import { globSync } from 'node:fs';
import { root } from './source-files.ts';

/** The Markdown files that are documentation, relative to the root. */
export function documents(): string[] {
  const patterns = [
    '*.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'examples/*/README.md',
    'testing/*/README.md',
  ];
  return globSync(patterns, { cwd: root })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();
}

/** The folder as whose code the examples of a document run: its package, or the one that sees all packages. */
export function ownerOf(file: string): string {
  const own = /^(packages|examples|testing)\/[^/]+/.exec(file)?.[0];
  if (own !== undefined) return own;
  const about =
    /^docs\/((?:execution-engine|storage-service|estate-scanner|request-builder))\//.exec(
      file,
    )?.[1];
  return about === undefined ? 'packages/request-builder' : `packages/${about}`;
}
