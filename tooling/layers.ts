import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { root, sourceFiles } from './source-files.ts';

/** What the sources of a folder may import of ours. `docs/architecture.md` has the picture. */
const mayImport: Record<string, readonly string[]> = {
  'packages/execution-engine': [],
  'packages/storage-service': [],
  'packages/estate-scanner': ['cloudops-execution-engine'],
  'packages/request-builder': [
    'cloudops-execution-engine',
    'cloudops-storage-service',
    'cloudops-estate-scanner',
  ],
  'testing/fake-aws': [],
};

/** Tests may use the fake AWS as well; nothing else reaches upwards. */
const testsMayImport = ['cloudops-fake-aws'];

const ownName = (folder: string): string => `cloudops-${folder.split('/').at(-1) ?? ''}`;

function importProblem(file: string, folder: string, specifier: string): string | null {
  if (specifier.startsWith('.')) {
    const target = relative(join(root, folder), resolve(root, dirname(file), specifier));
    const insideFolder = !target.startsWith('..');
    const inSources = file.startsWith(`${folder}/src/`);
    if (insideFolder || !inSources) return null;
    return `${file} imports ${specifier}, outside its package: use the package's public entry`;
  }
  if (!specifier.startsWith('cloudops-')) return null;
  const name = specifier.split('/')[0] ?? '';
  const inTests = !file.startsWith(`${folder}/src/`);
  const allowed = [
    ownName(folder),
    ...(mayImport[folder] ?? []),
    ...(inTests ? testsMayImport : []),
  ];
  if (allowed.includes(name)) return null;
  return `${file} imports ${specifier}: ${folder} may import only ${allowed.join(', ')}`;
}

/** Imports that run upwards or sideways past the layering, one line each. */
export function checkLayers(): string[] {
  const problems: string[] = [];
  for (const file of sourceFiles()) {
    const folder = Object.keys(mayImport).find((prefix) => file.startsWith(`${prefix}/`));
    if (folder === undefined) continue;
    const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      const problem = importProblem(file, folder, fileName);
      if (problem !== null) problems.push(problem);
    }
  }
  return problems;
}
