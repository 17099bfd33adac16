import { z } from 'zod';
import type { Invocation } from './invocation.ts';
import { NonEmptyArgument } from './values.ts';

/** A line for a shell. Values from outside belong into `env`, where the line reads them as `"$NAME"`. */
export const ShellCommand = z.strictObject({
  type: z.literal('shell'),
  command: NonEmptyArgument,
  /** Default `sh`. */
  shell: z.enum(['sh', 'bash']).nullish(),
});
/** A line for a shell. Values from outside belong into `env`, where the line reads them as `"$NAME"`. */
export type ShellCommand = z.infer<typeof ShellCommand>;

/** How a `shell` command is started. */
export function invokeShell(command: ShellCommand): Invocation {
  return { program: command.shell ?? 'sh', args: ['-c', command.command], env: {} };
}
