import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** Writes the JSON Schema of each published type of the package in the working directory, and its other published documents, to its `schemas` folder. */
const Published = z.object({
  publishedSchemas: z.record(z.string(), z.instanceof(z.ZodType)),
  publishedDocuments: z.record(z.string(), z.json()).default({}),
});

const folder = join(process.cwd(), 'schemas');
const source = pathToFileURL(join(process.cwd(), 'src/schemas.ts')).href;
const { publishedSchemas, publishedDocuments } = Published.parse(await import(source));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(publishedSchemas)) {
  write(name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
}
for (const [name, document] of Object.entries(publishedDocuments)) write(name, document);

function write(name: string, document: unknown): void {
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
}
