import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from './run.ts';

const root = join(import.meta.dirname, '../..');
const pnpm = ['--yes', 'pnpm@12'];

/** A package as it would be published. */
export interface Tarball {
  name: string;
  file: string;
  bytes: number;
  /** Paths inside, below the tarball's own `package/`. */
  contents: string[];
  /** Import specifiers that it offers, its subpaths included. */
  specifiers: string[];
}

/** The part of a manifest that is read here. */
interface Manifest {
  name: string;
  exports: Record<string, unknown>;
  dependencies: Record<string, string>;
}

/** Builds all packages, each into an empty `dist`: what an earlier build left there would be packed as well. */
export async function buildPackages(): Promise<void> {
  for (const folder of await readdir(join(root, 'packages'))) {
    await rm(join(root, 'packages', folder, 'dist'), { recursive: true, force: true });
  }
  await mustRun('npx', [...pnpm, '-r', '--filter', './packages/*', 'run', 'build'], root);
}

/** Packs every package into `folder`. */
export async function packPackages(folder: string): Promise<Tarball[]> {
  const args = ['-r', '--filter', './packages/*', 'pack', '--pack-destination', folder];
  await mustRun('npx', [...pnpm, ...args], root);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.tgz')).toSorted();
  return await Promise.all(files.map((name) => readTarball(join(folder, name))));
}

async function readTarball(file: string): Promise<Tarball> {
  const listing = await mustRun('tar', ['-tzf', file], root);
  const contents = listing
    .split('\n')
    .flatMap((line) => line.match(/^package\/(.+[^/])$/u)?.[1] ?? []);
  const manifest = await readManifest(file);
  // Documents are read, not imported; publint sees that they are there.
  const paths = Object.keys(manifest.exports).filter((path) => !/\.json$|\*/.test(path));
  const specifiers = paths.map((path) => manifest.name + path.slice(1));
  return { name: manifest.name, file, bytes: (await stat(file)).size, contents, specifiers };
}

async function readManifest(file: string): Promise<Manifest> {
  const text = await mustRun('tar', ['-xzOf', file, 'package/package.json'], root);
  const manifest: Manifest = JSON.parse(text);
  return manifest;
}

/** Looks into a tarball. @throws Error with everything that is wrong with it */
export async function inspectTarball(tarball: Tarball): Promise<string> {
  const problems: string[] = [];
  const { contents } = tarball;
  const manifest = await readManifest(tarball.file);
  for (const [name, range] of Object.entries(manifest.dependencies)) {
    if (range.startsWith('workspace:')) problems.push(`dependency ${name} is still ${range}`);
  }
  if (JSON.stringify(manifest.exports).includes('cloudops-source')) {
    problems.push('exports still have the condition cloudops-source');
  }
  for (const path of ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.cjs']) {
    if (!contents.includes(path)) problems.push(`${path} is missing`);
  }
  if (!contents.some((path) => /^schemas\/.+\.json$/u.test(path))) problems.push('no JSON Schemas');
  const strays = contents.filter((path) => /^(src|test|bench|node_modules)\//u.test(path));
  if (strays.length > 0) problems.push(`should not be packed: ${strays.join(', ')}`);
  if (tarball.name === 'cloudops-estate-scanner') problems.push(...missingModelFiles(contents));
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return `${(tarball.bytes / 1024).toFixed(0)} KB, ${contents.length} files`;
}

function missingModelFiles(contents: readonly string[]): string[] {
  const files = [
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'onnx/model_quantized.onnx',
  ];
  return files
    .map((file) => `models/all-MiniLM-L6-v2/${file}`)
    .filter((path) => !contents.includes(path))
    .map((path) => `${path} is missing`);
}

/** publint and attw, as they judge the published form. */
export async function lintTarball({ file }: Tarball): Promise<void> {
  const bin = join(root, 'node_modules/.bin');
  await mustRun(join(bin, 'publint'), ['--strict', file], root);
  await mustRun(join(bin, 'attw'), ['--profile', 'node16', file], root);
}
