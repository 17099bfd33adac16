import { AwsCallError } from '../../src/aws/errors.ts';
import type { JsonObject } from '../../src/aws/pages.ts';
import type { Json } from '../../src/resource.ts';
import type { ScanContext } from '../../src/service-scanner.ts';
import { mapConcurrently } from '../../src/scan/map-concurrently.ts';
import { merge } from '../../src/scan/merge.ts';

/** What AWS answers: items per listed operation, and a function for single calls. */
export interface Answers {
  lists?: Record<string, JsonObject[]>;
  aws?: (operation: string, parameters: Record<string, Json>, region: string | undefined) => Json;
  wanted?: Record<string, string[]>;
}

/**
 * A context that answers from memory, for what the fake AWS does not know: it takes the place of the CLI, and answers are in the
 * shape that the scanner's own query leaves.
 */
export function stubContext({ lists = {}, aws, wanted }: Answers = {}) {
  const calls: string[] = [];
  const warnings: string[] = [];
  const failures: AwsCallError[] = [];
  const context: ScanContext = {
    account_id: '123456789012',
    region: 'eu-west-1',
    partition: 'aws',
    session: {},
    signal: new AbortController().signal,
    aws(_service, operation, parameters = {}, options = {}) {
      calls.push(operation);
      return Promise.resolve().then(() => aws?.(operation, parameters, options.region) ?? null);
    },
    async *list(_service, operation) {
      calls.push(operation);
      yield* lists[operation] ?? [];
    },
    async *tolerate(items) {
      try {
        yield* items;
      } catch (error) {
        if (!AwsCallError.is(error)) throw error;
        failures.push(error);
      }
    },
    merge,
    mapResources: (items, work) => mapConcurrently(items, work, 10),
    wanted: (type) => (wanted ? (wanted[type] ?? []) : null),
    includesRegion: () => true,
    warn(error, message) {
      if (!AwsCallError.is(error)) throw error;
      warnings.push(message);
    },
  };
  return { context, calls, warnings, failures };
}

/** What AWS says instead of an answer. */
export function refusal(code: string, kind: AwsCallError['kind'] = 'denied'): AwsCallError {
  return new AwsCallError('stub call', { kind, code, message: code, scp: false });
}
