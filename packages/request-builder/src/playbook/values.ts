import type { Json } from '../protocol/json.ts';

/** A text somewhere in a document, with its path. */
export interface Leaf {
  path: (string | number)[];
  text: string;
}

/** Every string of a JSON value, names of members not included. */
export function* leavesOf(value: unknown, path: (string | number)[] = []): Generator<Leaf> {
  if (typeof value === 'string') yield { path, text: value };
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* leavesOf(item, [...path, index]);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) yield* leavesOf(item, [...path, name]);
  }
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
