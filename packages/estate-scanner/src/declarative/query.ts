import type { DeclaredResource } from './declaration.ts';
import { orWhyNot } from './nothing.ts';

/** The JMESPath that projects the items of a call to the fields of a declared resource. */
export function projectionOf(items: string, declared: DeclaredResource): string {
  const { attributes = {}, relations = [], search_words = [] } = declared;
  const { arn, id, name, state, created_at, tags } = declared;
  const fields = Object.entries({ arn, id, name, state, created_at, tags }).flatMap(
    ([field, expression]) => (expression === undefined ? [] : [`${field}: ${expression}`]),
  );
  const named = Object.entries(attributes);
  if (named.length > 0) {
    // A quoted identifier of JMESPath is a JSON string.
    const list = named.map(([key, expression]) => `${JSON.stringify(key)}: ${expression}`);
    fields.push(`attributes: {${list.join(', ')}}`);
  }
  if (relations.length > 0) {
    const list = relations.map((edge) => ('target' in edge ? edge.target : edge.id));
    fields.push(`relations: [${list.join(', ')}]`);
  }
  if (search_words.length > 0) fields.push(`search_words: [${search_words.join(', ')}]`);
  return orWhyNot(items, `[].{${fields.join(', ')}}`);
}

/** The JMESPath of a call whose items are texts: objects, since lists are made of objects. */
export function textsOf(items: string): string {
  return orWhyNot(items, '[].{value: @}');
}
