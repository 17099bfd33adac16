import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** Writes the JSON Schema of each published type of the package in the working directory to its `schemas` folder. */
const Published = z.object({ publishedSchemas: z.record(z.string(), z.instanceof(z.ZodType)) });

const folder = join(process.cwd(), 'schemas');
const source = pathToFileURL(join(process.cwd(), 'src/schemas.ts')).href;
const { publishedSchemas } = Published.parse(await import(source));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(publishedSchemas)) {
  const document = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
}
