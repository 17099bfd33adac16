import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { root, sourceFiles } from './source-files.ts';

/** Files of ours that each file imports by a relative path, types included. */
function importGraph(): Map<string, string[]> {
  const files = new Set(sourceFiles());
  const targetsOf = (file: string): string[] =>
    ts
      .preProcessFile(readFileSync(join(root, file), 'utf8'), true, true)
      .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
      .map(({ fileName }) => relative(root, resolve(root, dirname(file), fileName)))
      .filter((target) => files.has(target));
  return new Map([...files].map((file) => [file, targetsOf(file)]));
}

/** Imports that lead back to where they began, one line each: every file on one of the ways around. */
export function checkCycles(): string[] {
  const graph = importGraph();
  const finished = new Set<string>();
  const problems: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start >= 0) {
      problems.push(`a cycle of imports: ${[...trail.slice(start), file].join(' → ')}`);
      return;
    }
    if (finished.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...trail, file]);
    finished.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return problems;
}
