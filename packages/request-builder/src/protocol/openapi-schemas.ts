import { z } from 'zod';
import { Capabilities } from './capabilities.ts';
import { Clarification } from './clarification.ts';
import { Json } from './json.ts';
import { Playbook } from './playbook.ts';
import { Problem } from './problem.ts';
import { PlaybookRequest } from './request.ts';
import { StreamEvent } from './stream-event.ts';

const documents = { PlaybookRequest, Playbook, Clarification, Problem, StreamEvent, Capabilities };

/** The protocol's documents as schemas of an OpenAPI 3.1 document (JSON Schema 2020-12), by name. */
export function openApiSchemas(): Record<string, Json> {
  const schemas: Record<string, Json> = {};
  for (const [name, document] of Object.entries(documents)) {
    const {
      $defs,
      $schema: _draft,
      ...schema
    } = Parts.parse(z.toJSONSchema(document, { io: 'input', unrepresentable: 'any' }));
    schemas[name] = relocated(schema, name);
    for (const [part, definition] of Object.entries($defs)) {
      schemas[`${name}${part}`] = relocated(definition, name);
    }
  }
  return schemas;
}

const Parts = z.looseObject({ $defs: z.record(z.string(), Json).default({}) }).catchall(Json);

/**
 * References inside one schema point into the whole document instead, where its parts now are. A property that is itself called `$ref` becomes a pattern, which says the same: many
 * tools take it for a reference.
 */
function relocated(value: Json, name: string): Json {
  if (Array.isArray(value)) return value.map((item: Json) => relocated(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key === '$ref' && typeof item === 'string') {
        return [key, item.replace('#/$defs/', `#/components/schemas/${name}`)];
      }
      if (key === 'properties' && Object.hasOwn(Object(item), '$ref')) {
        return ['patternProperties', relocated(asPatterns(item), name)];
      }
      return [key, relocated(item, name)];
    }),
  );
}

function asPatterns(properties: Json): Json {
  return Object.fromEntries(
    Object.entries(Object(properties)).map(([key, schema]) => [
      `^${key.replaceAll(/\W/g, String.raw`\$&`)}$`,
      Json.parse(schema),
    ]),
  );
}
