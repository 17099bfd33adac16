import type { z } from 'zod';
import { ExecutionError } from './errors.ts';

/** The codes of input that is refused. */
export type InputCode = 'INVALID_REQUEST' | 'PLAN_INVALID' | 'INVALID_OPTIONS';

/** One thing that is wrong with an input: where (`command.args[2]`, `` for the whole; inside also as segments), and what. */
export interface Issue<Path = string> {
  path: Path;
  message: string;
}

/** So many issues are enough to begin with; an error with a million of them helps nobody. */
const SHOWN_ISSUES = 100;

/**
 * Parses `input`, or throws one typed error that names every wrong place.
 *
 * @throws ExecutionError with `code`; `details.issues` lists `{ path, message }`
 */
export function parseOrThrow<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  code: InputCode,
): z.output<Schema> {
  const checked = readable(() => {
    const parsed = schema.safeParse(input);
    // Reading the issues looks at the input once more.
    return parsed.success ? parsed : { success: false as const, issues: parsed.error.issues };
  }, code);
  if (checked.success) return checked.data;
  throw invalid(
    code,
    checked.issues.map((issue) => ({ path: pathText(issue.path), message: issue.message })),
  );
}

/** What a getter of the input throws is the input's fault. */
function readable<Value>(read: () => Value, code: InputCode): Value {
  try {
    return read();
  } catch (error) {
    throw invalid(code, [{ path: '', message: 'cannot be read' }], error);
  }
}

/** The typed error for a list of issues: its message leads with the first, its details have the first hundred. */
export function invalid(
  code: InputCode,
  issues: readonly Issue[],
  cause?: unknown,
): ExecutionError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const where = first?.path ? `${first.path}: ` : '';
  return new ExecutionError(code, `${where}${first?.message ?? 'invalid input'}${more}`, {
    details: { issues: issues.slice(0, SHOWN_ISSUES), path: first?.path ?? '' },
    cause,
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
