import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const source = (name: string) => readFileSync(join(root, 'src', name), 'utf8');
const folder = join(root, '../../docs/storage-service');
const pages = new Map(
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);
const page = (name: string) => pages.get(name) ?? '';

/** The names of the properties of an interface. */
function propertiesOf(text: string, name: string): string[] {
  const body =
    new RegExp(`export interface ${name} \\{\\n([^]*?)\\n\\}`, 'u').exec(text)?.[1] ?? '';
  return [...body.matchAll(/^ {2,4}(?:readonly )?(\w+)\??:/gmu)].map((match) => match[1] ?? '');
}

it('says of every error code what to do', () => {
  const union = /export type StorageErrorCode =\n([^;]*);/u.exec(source('errors.ts'))?.[1] ?? '';
  const codes = [...union.matchAll(/'(\w+)'/gu)].map((match) => match[1] ?? '');
  expect(codes.length).toBeGreaterThan(25);
  expect(codes.filter((code) => !page('api.md').includes(`\`${code}\``))).toEqual([]);
});

it('names every option and every variable', () => {
  const options = [
    ...propertiesOf(source('options.ts'), 'EmbeddedBackendConfig'),
    ...propertiesOf(source('options.ts'), 'BackupOptions'),
    ...propertiesOf(source('options.ts'), 'StorageOptions'),
    ...propertiesOf(source('backends/qdrant/config.ts'), 'QdrantServerConfig'),
    ...propertiesOf(source('backends/qdrant/config.ts'), 'QdrantSpawnConfig'),
    ...propertiesOf(source('backends/qdrant/config.ts'), 'QdrantCommonConfig'),
    ...propertiesOf(source('backup/target.ts'), 'S3TargetConfig'),
    ...propertiesOf(source('backup/retention.ts'), 'RetentionPolicy'),
  ];
  expect(options.length).toBeGreaterThan(30);
  const text = page('configuration.md');
  expect(options.filter((option) => !new RegExp(`\\b${option}\\b`, 'u').test(text))).toEqual([]);
  const variables = source('options.ts').match(/CLOUDOPS_STORAGE_[A-Z_]+/gu) ?? [];
  expect(variables.length).toBeGreaterThan(3);
  expect(variables.filter((variable) => !text.includes(`\`${variable}\``))).toEqual([]);
});

it('has every public method in the table of methods', () => {
  const text = page('api.md');
  for (const [file, className] of [
    ['service.ts', 'StorageService'],
    ['chat.ts', 'ChatCollection'],
    ['estate.ts', 'EstateCollection'],
    ['backup/backups.ts', 'BackupCollection'],
  ] as const) {
    const body = source(file).split(`export class ${className}`)[1] ?? '';
    const methods = [...body.matchAll(/^ {2}(?:static )?(?:async )?(\w+)\([^;]*?\{$/gmu)]
      .map((match) => match[1] ?? '')
      .filter((name) => !['constructor', 'if', 'for'].includes(name));
    expect(methods.length).toBeGreaterThan(4);
    expect(methods.filter((name) => !text.includes(`${name}(`))).toEqual([]);
  }
});

it('leads from its first page to every other', () => {
  const linked = [...page('README.md').matchAll(/\]\(([\w-]+\.md)\)/gu)].map(
    (match) => match[1] ?? '',
  );
  expect([...pages.keys()].filter((name) => name !== 'README.md').toSorted()).toEqual(
    linked.toSorted(),
  );
});
