import type { ExecutionRequest } from '../request.ts';
import type { ExecutionResult } from '../result.ts';

/** Variables whose values are secret, by name. Held in memory alone: by the engine, and by the keeper of a process. */
export type SecretVariables = Readonly<Record<string, string>>;

/** A request, or a step of a plan. */
interface WithSecrets {
  env?: Readonly<Record<string, unknown>> | null | undefined;
  secrets?: readonly string[] | null | undefined;
}

/** What stands in a record in the place of a secret. */
const NOT_WRITTEN = '';

/** What may be written down: variables that are called secret keep their names and lose their values. */
export function withoutSecrets<Some extends WithSecrets>(some: Some): Some {
  const names = some.secrets ?? [];
  return withValues(some, Object.fromEntries(names.map((name) => [name, NOT_WRITTEN])));
}

/** The request with the values of its secret variables, as far as they are known. */
export function withSecrets(request: ExecutionRequest, known: SecretVariables): ExecutionRequest {
  return withValues(request, known);
}

/** The secret variables of something read from a record whose values are not known any more. */
export function lostSecrets({ env, secrets }: WithSecrets): string[] {
  return (secrets ?? []).filter((name) => env?.[name] === NOT_WRITTEN);
}

/** The result as it may be written down: output that is to be in no log is in no record either. */
export function withoutUnlogged(
  result: ExecutionResult,
  { log }: Pick<ExecutionRequest, 'log'>,
): ExecutionResult {
  if (log ?? true) return result;
  const { stdout, stderr } = result;
  return {
    ...result,
    stdout: '',
    stderr: '',
    stdout_truncated: result.stdout_truncated || stdout !== '',
    stderr_truncated: result.stderr_truncated || stderr !== '',
  };
}

function withValues<Some extends WithSecrets>(some: Some, values: SecretVariables): Some {
  const { env } = some;
  if (env === null || env === undefined) return some;
  const named = (some.secrets ?? []).filter(
    (name) => Object.hasOwn(env, name) && Object.hasOwn(values, name),
  );
  const replaced = Object.fromEntries(named.map((name) => [name, values[name]]));
  return named.length === 0 ? some : { ...some, env: { ...env, ...replaced } };
}
