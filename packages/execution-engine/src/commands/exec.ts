import { z } from 'zod';
import type { Invocation } from './invocation.ts';
import { Argument, NonEmptyArgument } from './values.ts';

/** The schema of an `exec` command whose arguments are `argument`: strings in a request, strings or refs in a plan. */
export function execCommandOf<Value extends z.ZodType>(argument: Value) {
  return z.strictObject({
    type: z.literal('exec'),
    program: NonEmptyArgument,
    args: z.array(argument).nullish(),
  });
}

/** A program with its arguments, started directly; no shell reads them. */
export const ExecCommand = execCommandOf(Argument);
/** A program with its arguments, started directly; no shell reads them. */
export type ExecCommand = z.infer<typeof ExecCommand>;

/** How an `exec` command is started. */
export function invokeExec(command: ExecCommand): Invocation {
  return { program: command.program, args: command.args ?? [], env: {} };
}
