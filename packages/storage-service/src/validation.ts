import type { z } from 'zod';
import { StorageError } from './errors.ts';

/**
 * Validates input at the boundary.
 *
 * @param what names the input in the message ("message", "record 3")
 * @throws StorageError `INVALID_INPUT` with the path of the first thing that is wrong; all of them are in `details.issues`
 */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown, what: string): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }));
  const first = issues[0] ?? { path: '', message: 'invalid' };
  const place = first.path === '' ? what : `${what}: ${first.path}`;
  throw new StorageError('INVALID_INPUT', `${place}: ${first.message}`, { details: { issues } });
}

/**
 * Checks that something is a list.
 *
 * @throws StorageError `INVALID_INPUT`
 */
export function checkList(value: unknown, what: string): asserts value is readonly unknown[] {
  if (Array.isArray(value)) return;
  throw new StorageError('INVALID_INPUT', `${what}: expected a list`);
}

/**
 * Checks a name that is looked up.
 *
 * @throws StorageError `INVALID_INPUT` unless it is a text that is not empty
 */
export function checkName(value: unknown, what: string): asserts value is string {
  if (typeof value === 'string' && value !== '') return;
  throw new StorageError('INVALID_INPUT', `${what}: expected a text that is not empty`);
}

/**
 * Checks a number of things asked for.
 *
 * @throws StorageError `INVALID_INPUT` unless it is an integer from 1 to `max`
 */
export function parseLimit(
  value: number | null | undefined,
  fallback: number,
  max: number,
  what = 'limit',
): number {
  const limit = value ?? fallback;
  if (!Number.isInteger(limit) || limit < 1 || limit > max) {
    throw new StorageError('INVALID_INPUT', `${what}: expected an integer from 1 to ${max}`);
  }
  return limit;
}

/**
 * Checks the options of a call; absent and null mean none.
 *
 * @throws StorageError `INVALID_INPUT` unless they are an object, with an AbortSignal as `signal` and a function as `onProgress`
 */
export function parseOptions<T extends object>(
  options: T | null | undefined,
  what: string,
): Partial<T> {
  if (options === null || options === undefined) return {};
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw new StorageError('INVALID_INPUT', `${what}: expected an object of options`);
  }
  const { signal, onProgress }: { signal?: unknown; onProgress?: unknown } = options;
  if (signal != null && !(typeof signal === 'object' && 'aborted' in signal)) {
    throw new StorageError('INVALID_INPUT', `${what}: signal: expected an AbortSignal`);
  }
  if (onProgress != null && typeof onProgress !== 'function') {
    throw new StorageError('INVALID_INPUT', `${what}: onProgress: expected a function`);
  }
  return options;
}

/**
 * Checks a text that may be absent.
 *
 * @throws StorageError `INVALID_INPUT` unless it is a text, null or undefined
 */
export function optionalText(value: unknown, what: string): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  throw new StorageError('INVALID_INPUT', `${what}: expected a text`);
}
