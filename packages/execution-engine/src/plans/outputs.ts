import { z } from 'zod';
import { ExecutionError, messageOf } from '../errors.ts';
import { Json } from '../json.ts';
import type { ExecutionResult } from '../result.ts';

/** Where a step's output comes from. */
export const OutputSource = z.strictObject({
  from: z.enum(['stdout', 'stderr', 'exit_code']),
  /** A JSON Pointer (RFC 6901) into JSON output; without it, the text without its last newline. */
  pointer: z
    .string()
    .regex(/^(?:\/(?:[^~/]|~[01])*)*$/u, 'must be a JSON Pointer such as "/Items/0/Id"')
    .nullish(),
});
/** Where a step's output comes from. */
export type OutputSource = z.infer<typeof OutputSource>;

/**
 * Reads a named output from a result.
 *
 * @throws ExecutionError `OUTPUT_INVALID` where the output was truncated, is no JSON, or has nothing at the pointer
 */
export function readOutput(name: string, source: OutputSource, result: ExecutionResult): Json {
  if (source.from === 'exit_code') return result.exit_code;
  const truncated = source.from === 'stdout' ? result.stdout_truncated : result.stderr_truncated;
  if (truncated) {
    throw invalidOutput(name, `${source.from} was longer than max_capture_bytes`);
  }
  const text = result[source.from];
  if (source.pointer == null) return text.replace(/\r?\n$/u, '');
  const found = lookUp(parseJson(name, source.from, text), source.pointer);
  if (found === undefined) {
    throw invalidOutput(name, `there is nothing at ${source.pointer} in ${source.from}`);
  }
  return found;
}

function parseJson(name: string, from: string, text: string): Json {
  try {
    return Json.parse(JSON.parse(text));
  } catch (error) {
    throw invalidOutput(name, `${from} is no JSON: ${messageOf(error)}`, error);
  }
}

function lookUp(document: Json, pointer: string): Json | undefined {
  let value: Json | undefined = document;
  for (const token of pointer.split('/').slice(1)) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(value))
      value = /^(?:0|[1-9]\d*)$/u.test(key) ? value[Number(key)] : undefined;
    else if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
      value = value[key];
    } else return undefined;
  }
  return value;
}

function invalidOutput(name: string, why: string, cause?: unknown): ExecutionError {
  return new ExecutionError('OUTPUT_INVALID', `output ${name}: ${why}`, {
    details: { output: name },
    cause,
  });
}
