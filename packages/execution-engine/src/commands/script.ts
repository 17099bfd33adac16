import { randomUUID } from 'node:crypto';
import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ExecutionError, messageOf, systemErrorCode } from '../errors.ts';
import type { CommandContext, Invocation } from './invocation.ts';
import { Argument, NonEmptyArgument } from './values.ts';

/** The most that an inline script may have, in characters. */
const LARGEST_SCRIPT = 64 * 1024 * 1024;

/** The schema of a `script` command whose arguments are `argument`. */
export function scriptCommandOf<Value extends z.ZodType>(argument: Value) {
  return z
    .strictObject({
      type: z.literal('script'),
      /** A file, relative to the working directory. */
      path: NonEmptyArgument.nullish(),
      /** The script itself. */
      content: z
        .string()
        .max(LARGEST_SCRIPT, 'must be at most 64 MiB: put it into a file')
        .nullish(),
      /** `bash` (default), `sh`, `python` (that is `python3`), or a program. */
      interpreter: NonEmptyArgument.nullish(),
      args: z.array(argument).nullish(),
    })
    .refine((script) => (script.path == null) !== (script.content == null), {
      message: 'a script has either path or content',
      path: ['path'],
    });
}

/** A script file or inline script, given to an interpreter as a file. */
export const ScriptCommand = scriptCommandOf(Argument);
/** A script file or inline script, given to an interpreter as a file. */
export type ScriptCommand = z.infer<typeof ScriptCommand>;

/** `python` alone is missing on current Debian and macOS. */
const INTERPRETERS: Readonly<Record<string, string>> = { python: 'python3' };

/** The program that reads a script. */
export function interpreterOf({ interpreter }: Pick<ScriptCommand, 'interpreter'>): string {
  const name = interpreter ?? 'bash';
  return INTERPRETERS[name] ?? name;
}

/**
 * How a script is started. Inline content goes to a file of its own that only this user can read.
 *
 * @throws ExecutionError `SPAWN_FAILED` where the file is missing or no file, or the temporary one cannot be written
 */
export async function invokeScript(
  command: ScriptCommand,
  context: CommandContext,
): Promise<Invocation> {
  const program = interpreterOf(command);
  const args = command.args ?? [];
  if (command.path != null) {
    const path = resolve(context.workingDir, command.path);
    await requireFile(path);
    return { program, args: [path, ...args], env: {} };
  }
  const { path, folder } = await writeInlineScript(command.content ?? '');
  return { program, args: [path, ...args], env: {}, temporary: folder };
}

/** Without this look the interpreter would answer with an exit code of its own, which says less. */
async function requireFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw new ExecutionError('SPAWN_FAILED', `cannot read script ${path}: ${messageOf(error)}`, {
      details: { errno: systemErrorCode(error), path },
      cause: error,
    });
  });
  if (found.isDirectory()) {
    throw new ExecutionError('SPAWN_FAILED', `script ${path} is a directory`, {
      details: { errno: 'EISDIR', path },
    });
  }
}

async function writeInlineScript(content: string) {
  try {
    const folder = await mkdtemp(join(tmpdir(), 'cloudops-script-'));
    const path = join(folder, `${randomUUID()}.script`);
    await writeFile(path, content, { mode: 0o600, flag: 'wx' });
    return { path, folder };
  } catch (error) {
    throw new ExecutionError(
      'SPAWN_FAILED',
      `cannot write the inline script to a temporary file: ${messageOf(error)}`,
      { details: { errno: systemErrorCode(error) }, cause: error },
    );
  }
}
