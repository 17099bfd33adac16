import type { z } from 'zod';
import { ExecutionError } from './errors.ts';

/** One thing that is wrong with an input: where (`command.args[2]`, `` for the whole; inside also as segments), and what. */
export interface Issue<Path = string> {
  path: Path;
  message: string;
}

/**
 * Parses `input`, or throws one typed error that names every wrong place.
 *
 * @throws ExecutionError with `code`; `details.issues` lists `{ path, message }`
 */
export function parseOrThrow<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  code: 'INVALID_REQUEST' | 'PLAN_INVALID' | 'INVALID_OPTIONS',
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(
    code,
    parsed.error.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message })),
  );
}

/** The typed error for a list of issues; its message leads with the first. */
export function invalid(
  code: 'INVALID_REQUEST' | 'PLAN_INVALID' | 'INVALID_OPTIONS',
  issues: readonly Issue[],
): ExecutionError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const where = first?.path ? `${first.path}: ` : '';
  return new ExecutionError(code, `${where}${first?.message ?? 'invalid input'}${more}`, {
    details: { issues, path: first?.path ?? '' },
  });
}

/** A path as a person writes it: `steps[0].command.args[1]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}
