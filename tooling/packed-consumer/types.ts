import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './run.ts';

/** A module resolution that a consumer may have, and the kinds of files that are tried under it. */
export interface Resolution {
  name: string;
  module: string;
  moduleResolution: string;
  extensions: readonly string[];
}

/** The resolutions that TypeScript 6 has for packages with `exports`. */
export const resolutions: readonly Resolution[] = [
  { name: 'node16', module: 'node16', moduleResolution: 'node16', extensions: ['mts', 'cts'] },
  {
    name: 'nodenext',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    extensions: ['mts', 'cts'],
  },
  { name: 'bundler', module: 'preserve', moduleResolution: 'bundler', extensions: ['ts'] },
];

const consumer = `import { ExecutionEngine, ExecutionRequest, type ExecutionResult } from 'cloudops-execution-engine';
import { StorageService, noEncryption } from 'cloudops-storage-service';
import { EstateScanner, type Resource } from 'cloudops-estate-scanner';
import { MiniLmEmbedder } from 'cloudops-estate-scanner/embedder';
import { RequestBuilder } from 'cloudops-request-builder';
import type { Planner } from 'cloudops-request-builder/protocol';

const engine = new ExecutionEngine({ maxConcurrent: 2 });
const request: ExecutionRequest = { command: { type: 'exec', program: 'echo', args: ['hello'] } };

export async function useAll(planner: Planner): Promise<string> {
  const result: ExecutionResult = await engine.run(request);
  const embedder = new MiniLmEmbedder({ threads: 1 });
  const backend = { kind: 'embedded', path: ':memory:' } as const;
  const storage = await StorageService.open({ backend, keys: noEncryption(), embedder });
  const scanner = new EstateScanner({ engine, store: storage.estate, embedder });
  const report = await scanner.scan({ services: ['ec2'] });
  const key: Resource['key'] = report.scan_id;
  return [result.stdout, key, typeof RequestBuilder, typeof planner.plan].join();
}

// @ts-expect-error a number is no program: the types are not any
void engine.run({ command: { type: 'exec', program: 5 } });
// @ts-expect-error a number of threads is no text
new MiniLmEmbedder({ threads: 'two' });
// @ts-expect-error a scanner needs an engine
new EstateScanner({});
`;

/** Type-checks a consumer of all packages, strictly and the declarations of its dependencies included. */
export async function checkTypes(app: string, resolution: Resolution): Promise<void> {
  const files = resolution.extensions.map(
    (extension) => `consumer-${resolution.name}.${extension}`,
  );
  for (const file of files) await writeFile(join(app, file), consumer);
  const { module, moduleResolution } = resolution;
  const project = {
    compilerOptions: {
      module,
      moduleResolution,
      target: 'es2023',
      lib: ['es2023', 'esnext.disposable'],
      strict: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      types: ['node'],
    },
    files,
  };
  const projectFile = `tsconfig.${resolution.name}.json`;
  await writeFile(join(app, projectFile), JSON.stringify(project, null, 2));
  const tsc = join(app, 'node_modules/typescript/bin/tsc');
  await mustRun(process.execPath, [tsc, '-p', projectFile], app);
}
