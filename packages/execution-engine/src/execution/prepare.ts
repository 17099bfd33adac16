import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { invoke } from '../commands/command.ts';
import type { AwsCliOptions, Invocation } from '../commands/invocation.ts';
import { ExecutionError, messageOf, systemErrorCode } from '../errors.ts';
import { COOKIE_VARIABLES } from '../process/cookie.ts';
import type { LaunchSpec } from '../process/launch.ts';
import { findProgram } from '../process/lookup.ts';
import { removeTemporary } from '../process/temporary.ts';
import type { ExecutionRequest } from '../request.ts';

/** A process to start, and how to clean up behind it. */
export interface Prepared {
  spec: LaunchSpec;
  dispose: () => Promise<void>;
}

/**
 * Makes a request into a process to start.
 *
 * @throws ExecutionError `BAD_WORKING_DIR`, `BAD_ENVIRONMENT`, `SPAWN_FAILED`
 */
export async function prepare(
  ids: { execution: string; engine: string },
  request: ExecutionRequest,
  awsCli: AwsCliOptions,
): Promise<Prepared> {
  const workingDir = await checkedWorkingDir(request.working_dir ?? null);
  const invocation = await invoke(request.command, { awsCli, workingDir });
  const env = environment(ids, request, invocation);
  const { program, args } = invocation;
  const found =
    env.PATH === undefined && !program.includes('/')
      ? findProgram(program, process.env.PATH ?? '')
      : null;
  return {
    spec: {
      executionId: ids.execution,
      program: found ?? program,
      args,
      env,
      ...(request.log === false && { isUnlogged: true }),
      secretNames: request.secrets ?? [],
      workingDir,
      stdin: request.stdin ?? null,
      ...(invocation.warmCli === true && { warmCli: true }),
      ...(invocation.temporary !== undefined && { temporary: invocation.temporary }),
    },
    dispose: () => removeTemporary(invocation.temporary),
  };
}

async function checkedWorkingDir(asked: string | null): Promise<string> {
  try {
    const path = asked === null ? process.cwd() : resolve(asked);
    if (asked !== null && !(await stat(path)).isDirectory()) {
      throw new ExecutionError('BAD_WORKING_DIR', `${path} is not a directory`, {
        details: { path, errno: 'ENOTDIR' },
      });
    }
    return path;
  } catch (error) {
    if (ExecutionError.is(error)) throw error;
    throw new ExecutionError(
      'BAD_WORKING_DIR',
      `cannot use the working directory: ${messageOf(error)}`,
      { details: { path: asked, errno: systemErrorCode(error) }, cause: error },
    );
  }
}

function environment(
  ids: { execution: string; engine: string },
  request: ExecutionRequest,
  invocation: Invocation,
): Record<string, string> {
  const env: Record<string, string> = {};
  if (request.inherit_env ?? true) {
    for (const [name, value] of Object.entries(process.env)) {
      if (value !== undefined) env[name] = value;
    }
  }
  Object.assign(env, invocation.env);
  for (const [name, value] of Object.entries(request.env ?? {})) {
    if (name === '' || /[=\0]/u.test(name) || value.includes('\0')) {
      throw new ExecutionError(
        'BAD_ENVIRONMENT',
        `env.${JSON.stringify(name)}: a name must not be empty or hold "=" or NUL, a value must not hold NUL`,
        { details: { name } },
      );
    }
    env[name] = value;
  }
  env[COOKIE_VARIABLES.execution] = ids.execution;
  env[COOKIE_VARIABLES.engine] = ids.engine;
  return env;
}
