import type { Json } from '../protocol/json.ts';

/** A text somewhere in a document, with its path. */
export interface Leaf {
  path: (string | number)[];
  text: string;
}

/** Every string of a JSON value, names of members not included. */
export function leavesOf(value: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  collectLeaves(value, [], leaves);
  return leaves;
}

/** One path for the whole walk, copied where something is found: most of what is walked is not. */
function collectLeaves(value: unknown, path: (string | number)[], leaves: Leaf[]): void {
  if (typeof value === 'string') {
    leaves.push({ path: [...path], text: value });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of membersOf(value)) {
    path.push(name);
    collectLeaves(item, path, leaves);
    path.pop();
  }
}

/** The members of an object or the elements of an array, with their names or indexes. */
export function membersOf(value: object): Iterable<[string | number, unknown]> {
  return Array.isArray(value) ? value.entries() : Object.entries(value);
}

/** What a `$ref` names: a parameter, or an output of a step. */
export type RefTarget =
  | { kind: 'parameter'; name: string }
  | { kind: 'output'; step: string; name: string };

/** The target of a value that is a reference; null where it is none. */
export function refTargetOf(value: unknown): RefTarget | null {
  if (typeof value !== 'object' || value === null || !('$ref' in value)) return null;
  if (typeof value.$ref !== 'string' || Object.keys(value).length !== 1) return null;
  const [, step, output, parameter] =
    /^(?:steps\.([\w-]+)\.outputs\.([\w-]+)|parameters\.([\w-]+))$/.exec(value.$ref) ?? [];
  if (parameter !== undefined) return { kind: 'parameter', name: parameter };
  if (step === undefined || output === undefined) return null;
  return { kind: 'output', step, name: output };
}

/** A copy in which every reference is replaced by what `replace` gives; what that gives is not looked at again. */
export function replaceRefs(
  value: unknown,
  replace: (target: RefTarget, path: (string | number)[]) => Json,
  path: (string | number)[] = [],
): unknown {
  const target = refTargetOf(value);
  if (target !== null) return replace(target, path);
  if (Array.isArray(value)) {
    return value.map((item, index) => replaceRefs(item, replace, [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      replaceRefs(item, replace, [...path, name]),
    ]),
  );
}
