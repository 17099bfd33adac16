import { z } from 'zod';
import { ExecutionError } from '../errors.ts';
import type { Json } from '../json.ts';

const NAME = '[A-Za-z0-9_][A-Za-z0-9_-]*';

/** Ids of steps, names of outputs and parameters: letters, digits, `_` and `-`. */
export const Name = z
  .string()
  .regex(new RegExp(`^${NAME}$`, 'u'), 'must be of letters, digits, "_" and "-"');

const REF = new RegExp(`^(?:steps\\.(${NAME})\\.outputs\\.(${NAME})|parameters\\.(${NAME}))$`, 'u');

/** Stands for a whole value, bound once before the step runs. */
export const Ref = z.strictObject({
  $ref: z.string().regex(REF, 'must be "steps.ID.outputs.NAME" or "parameters.NAME"'),
});
/** Stands for a whole value, bound once before the step runs. */
export type Ref = z.infer<typeof Ref>;

/** What a ref points at. */
export type RefTarget =
  | { kind: 'parameter'; name: string }
  | { kind: 'output'; step: string; name: string };

/** What a ref points at; null where it is not written like one. */
export function refTarget(ref: string): RefTarget | null {
  const [, step, output, parameter] = REF.exec(ref) ?? [];
  if (parameter !== undefined) return { kind: 'parameter', name: parameter };
  if (step === undefined || output === undefined) return null;
  return { kind: 'output', step, name: output };
}

/** Whether a value is meant as a ref: an object with `$ref` and nothing else. */
export function isRef(value: unknown): value is { $ref: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    '$ref' in value &&
    Object.keys(value).length === 1
  );
}

/** A copy of `value` in which every ref is replaced by what `replace` gives. Nothing in the new values is looked at again. */
export function replaceRefs(
  value: unknown,
  replace: (ref: string, path: (string | number)[]) => unknown,
  path: (string | number)[] = [],
): unknown {
  if (isRef(value)) return replace(String(value.$ref), path);
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

/**
 * A bound value as one literal string: text as it is, numbers and booleans as text, lists and objects as JSON.
 *
 * @throws ExecutionError `REF_UNRESOLVED` for null, which no argument can say
 */
export function literalText(value: Json, ref: string): string {
  if (value === null) {
    throw new ExecutionError('REF_UNRESOLVED', `${ref} is null, which cannot be an argument`, {
      details: { ref },
    });
  }
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
