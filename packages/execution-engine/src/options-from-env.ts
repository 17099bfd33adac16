import { EngineOptionsSchema } from './options.ts';
import type { EngineOptions } from './options.ts';
import { parseOrThrow } from './validation.ts';

/** Variables that {@link optionsFromEnv} reads. */
const VARIABLES = {
  CLOUDOPS_ENGINE_MAX_CONCURRENT: 'maxConcurrent',
  CLOUDOPS_ENGINE_KILL_GRACE_MS: 'killGraceMs',
  CLOUDOPS_ENGINE_MAX_CAPTURE_BYTES: 'maxCaptureBytes',
  CLOUDOPS_ENGINE_HISTORY_LIMIT: 'historyLimit',
} as const;

/**
 * Options from `CLOUDOPS_ENGINE_*` variables: `MAX_CONCURRENT`, `KILL_GRACE_MS`, `MAX_CAPTURE_BYTES`,
 * `HISTORY_LIMIT`, `LOG_DIR`, `STATE_DIR`, `ON_HOST_DEATH`, `AWS_BINARY`, `AWS_ENDPOINT_URL`, `WARM_CLI`. What is not set is left out.
 *
 * @throws ExecutionError `INVALID_OPTIONS` where a number is none
 */
export function optionsFromEnv(env: NodeJS.ProcessEnv): EngineOptions {
  const options: Record<string, unknown> = {};
  for (const [variable, option] of Object.entries(VARIABLES)) {
    const text = env[variable];
    if (text) options[option] = Number(text);
  }
  if (env.CLOUDOPS_ENGINE_STATE_DIR) options.stateDir = env.CLOUDOPS_ENGINE_STATE_DIR;
  if (env.CLOUDOPS_ENGINE_ON_HOST_DEATH) options.onHostDeath = env.CLOUDOPS_ENGINE_ON_HOST_DEATH;
  if (env.CLOUDOPS_ENGINE_LOG_DIR) options.logDir = env.CLOUDOPS_ENGINE_LOG_DIR;
  const binary = env.CLOUDOPS_ENGINE_AWS_BINARY;
  const endpointUrl = env.CLOUDOPS_ENGINE_AWS_ENDPOINT_URL;
  const warmCli = env.CLOUDOPS_ENGINE_WARM_CLI;
  if (binary || endpointUrl || warmCli) {
    options.awsCli = {
      ...(binary && { binary }),
      ...(endpointUrl && { endpointUrl }),
      ...(warmCli && { warmCli }),
    };
  }
  return parseOrThrow(EngineOptionsSchema, options, 'INVALID_OPTIONS');
}
