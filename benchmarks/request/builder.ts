import { ExecutionEngine } from 'cloudops-execution-engine';
import {
  RequestBuilder,
  type BuilderStorage,
  type RequestBuilderOptions,
} from 'cloudops-request-builder';
import type { Target } from 'cloudops-request-builder/protocol';

/** One of the accounts of the benchmark's estate. */
export const target: Target = {
  partition: 'aws',
  account_id: '111111111111',
  regions: ['eu-west-1', 'eu-central-1', 'us-east-1'],
};

/** A builder that never sends: its engine starts nothing, and nobody is asked who the caller is. */
export function builderOn(
  storage: BuilderStorage,
  options: Partial<RequestBuilderOptions> = {},
): RequestBuilder {
  return new RequestBuilder({
    storage,
    engine: new ExecutionEngine(),
    target,
    transport: { send: () => Promise.reject(new Error('nothing is sent')) },
    ...options,
  });
}
