import { canBeList } from '../aws/always-named.ts';
import type { JsonObject } from '../aws/pages.ts';
import type { DeclaredCall } from './declaration.ts';

/** Tells what is said of an answer without items from an item: no field of a projection is named so. */
const MARK = 'no items';

/**
 * A query that says why where it finds no items, so that a name with a typing error is not an empty estate. An answer without any field
 * (the page of a proxy, or none at all) stays null.
 *
 * @param projection what is made of each item: `[].{id: Id}`
 */
export function orWhyNot(items: string, projection: string): string {
  const about = [
    `${JSON.stringify(MARK)}: type(${items})`,
    `fields: keys(@)`,
    `lists: length(values(@)[?type(@) == 'array'])`,
    `nulls: contains(to_array(${items}), \`null\`)`,
    `others: length(to_array(${items})[*])`,
  ];
  return `(${items} | ${projection}) || (keys(@)[0] && [{${about.join(', ')}}])`;
}

/**
 * The items of an answer, without what {@link orWhyNot} says where there are none.
 *
 * @param onFault told what is wrong with the declaration of the call
 */
export async function* itemsIn(
  found: AsyncIterable<JsonObject> | Iterable<JsonObject>,
  call: DeclaredCall,
  onFault: (message: string) => void,
): AsyncGenerator<JsonObject> {
  for await (const item of found) {
    if (!Object.hasOwn(item, MARK)) {
      yield item;
      continue;
    }
    const wrong = whyNot(call, item);
    if (wrong !== null) onFault(wrong);
  }
}

/** A service may leave a list out where it is empty: only what that cannot explain is wrong. Null where nothing is. */
function whyNot({ call, items }: DeclaredCall, said: JsonObject): string | null {
  const { [MARK]: kind, fields, lists, nulls, others } = said;
  const wrong = `items of "${call}" (${items})`;
  const names = Array.isArray(fields) ? fields.filter((field) => typeof field === 'string') : [];
  const there = `the answer has ${names.join(', ')}`;
  if (kind === 'array') {
    return nulls === true && others === 0 ? `${wrong} are null: ${there}` : null;
  }
  if (kind !== 'null') {
    return `${wrong} must be a list, there is one ${JSON.stringify(kind)}: one thing alone is written [${items}]`;
  }
  const isNamed = !canBeList(serviceOf(call), null);
  return isNamed || (isElsewhere(items, names) && lists !== 0)
    ? `${wrong} are not in the answer: ${there}. Where it leaves an empty list out, write ${items} || \`[]\``
    : null;
}

function serviceOf(call: string): string {
  return call.split(' ')[0] ?? '';
}

/** Whether the first name of an expression is none of the answer's; false for what begins otherwise. */
function isElsewhere(items: string, fields: readonly string[]): boolean {
  const name = /^\s*([A-Za-z_]\w*)(?!\w|\()/u.exec(items)?.[1];
  return name !== undefined && !fields.includes(name);
}
