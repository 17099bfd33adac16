import { z } from 'zod';
import { findingsOf, RequestError } from './errors.ts';
import type { RequestBuilderOptions } from './options.ts';
import type { HttpTransportOptions } from './server/http-options.ts';

/** The part of the options that the environment can give. */
export interface EnvironmentOptions {
  /** For `httpTransport`; null where `CLOUDOPS_SERVER_URL` is not set. */
  http: HttpTransportOptions | null;
  builder: Pick<
    RequestBuilderOptions,
    'journalPath' | 'auditPath' | 'historyLimit' | 'resourceLimit' | 'tokenBudget'
  >;
  /** For `readPolicy`; null where `CLOUDOPS_POLICY_PATH` is not set. */
  policyPath: string | null;
}

const count = z.coerce.number().int().min(0).optional();

const Variables = z.object({
  CLOUDOPS_SERVER_URL: z.string().optional(),
  CLOUDOPS_SERVER_TOKEN: z.string().optional(),
  CLOUDOPS_SERVER_TIMEOUT_MS: count,
  CLOUDOPS_SERVER_DEADLINE_MS: count,
  CLOUDOPS_JOURNAL_PATH: z.string().optional(),
  CLOUDOPS_AUDIT_PATH: z.string().optional(),
  CLOUDOPS_POLICY_PATH: z.string().optional(),
  CLOUDOPS_HISTORY_LIMIT: count,
  CLOUDOPS_RESOURCE_LIMIT: count,
  CLOUDOPS_TOKEN_BUDGET: count,
});

/**
 * Options from the variables `CLOUDOPS_SERVER_URL`, `_SERVER_TOKEN`, `_SERVER_TIMEOUT_MS`, `_SERVER_DEADLINE_MS`, `_JOURNAL_PATH`, `_AUDIT_PATH`, `_POLICY_PATH`, `_HISTORY_LIMIT`,
 * `_RESOURCE_LIMIT` and `_TOKEN_BUDGET`. An empty variable is one that is not set.
 *
 * @throws RequestError `INVALID_OPTIONS` with the variable's name
 */
export function optionsFromEnv(env: NodeJS.ProcessEnv): EnvironmentOptions {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Variables.safeParse(set);
  if (!parsed.success) {
    const list = findingsOf(parsed.error).map(
      ({ pointer, message }) => `${pointer.slice(1)}: ${message}`,
    );
    throw new RequestError('INVALID_OPTIONS', list.join('; '));
  }
  const variables = parsed.data;
  const url = variables.CLOUDOPS_SERVER_URL;
  return {
    http:
      url === undefined
        ? null
        : {
            url,
            ...given('token', variables.CLOUDOPS_SERVER_TOKEN),
            ...given('timeoutMs', variables.CLOUDOPS_SERVER_TIMEOUT_MS),
            ...given('deadlineMs', variables.CLOUDOPS_SERVER_DEADLINE_MS),
          },
    builder: {
      ...given('journalPath', variables.CLOUDOPS_JOURNAL_PATH),
      ...given('auditPath', variables.CLOUDOPS_AUDIT_PATH),
      ...given('historyLimit', variables.CLOUDOPS_HISTORY_LIMIT),
      ...given('resourceLimit', variables.CLOUDOPS_RESOURCE_LIMIT),
      ...given('tokenBudget', variables.CLOUDOPS_TOKEN_BUDGET),
    },
    policyPath: variables.CLOUDOPS_POLICY_PATH ?? null,
  };
}

function given<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  const option: Partial<Record<Name, Value>> = {};
  if (value !== undefined) option[name] = value;
  return option;
}
