import { z } from 'zod';
import { StorageError } from './errors.ts';

/** A JSON value. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/** Deeper nesting than this is refused: recursive readers of the data would run out of stack. */
const maxDepth = 100;

/** True for what JSON can carry unchanged: no undefined, no NaN, no Date, no cycle. */
export function isJson(value: unknown, depth = 0): value is Json {
  if (value === null) return true;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      break;
    default:
      return false;
  }
  if (depth >= maxDepth) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return false;
  for (const item of Object.values(value)) if (!isJson(item, depth + 1)) return false;
  return true;
}

/** Any JSON value, at most 100 levels deep. */
export const JsonValue: z.ZodType<Json> = z.custom<Json>(
  (value) => isJson(value),
  'expected a JSON value (no undefined, NaN, Date or cycle; at most 100 levels)',
);

/** An object of JSON values. */
export const JsonObject: z.ZodType<Readonly<Record<string, Json>>> = z.custom<
  Readonly<Record<string, Json>>
>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value) && isJson(value),
  'expected an object of JSON values (no undefined, NaN, Date or cycle; at most 100 levels)',
);

/**
 * Reads JSON that this package wrote, out of a store that may be damaged.
 *
 * @param what names it in the message
 * @throws StorageError `STORE_CORRUPT`
 */
export function parseOwnJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StorageError('STORE_CORRUPT', `${what}: what is stored of it was changed.`, {
      cause,
    });
  }
}

/** JSON with object keys in code-unit order: equal values give equal text. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  // One growing text: lists of parts that are joined take twice as long.
  let text = '';
  if (isArray(value)) {
    for (const item of value) text += `${text === '' ? '' : ','}${canonicalJson(item)}`;
    return `[${text}]`;
  }
  for (const name of Object.keys(value).sort()) {
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`;
  }
  return `{${text}}`;
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
