import { z } from 'zod';
import { AwsCallError } from '../aws/errors.ts';
import { isObject, type JsonObject } from '../aws/pages.ts';
import type { DiscoveredResource } from '../resource.ts';
import type { ScanContext } from '../service-scanner.ts';
import { Count, Text, Time, arnEdges } from './projection.ts';

/** Credentials of sources outside AWS are ARNs of secrets, and stay in the CLI all the same. */
const FIELDS = `{id: UUID, arn: EventSourceMappingArn, state: State, source: EventSourceArn, function: FunctionArn,
  batch: BatchSize, modified: LastModified, failures: DestinationConfig.OnFailure.Destination}`;

const Mapping = z.object({
  id: z.string(),
  arn: Text,
  state: Text,
  source: Text,
  function: Text,
  batch: Count,
  modified: Time,
  failures: Text,
});

/** Finds what feeds queues, streams and tables to functions. */
export async function* readEventSources(context: ScanContext): AsyncGenerator<DiscoveredResource> {
  for await (const item of items(context)) {
    const mapping = Mapping.parse(item);
    const { id, arn, source } = mapping;
    const { partition, region, account_id } = context;
    const feeds = source?.split(':').at(-1)?.split('/')[source.includes(':dynamodb:') ? 1 : 0];
    // An alias or a version may stand behind the name of the function.
    const target = mapping.function?.split(':')[6] ?? null;
    yield {
      resource_type: 'lambda:event-source-mapping',
      id,
      arn: arn ?? `arn:${partition}:lambda:${region}:${account_id}:event-source-mapping:${id}`,
      name: target === null ? id : `${feeds ?? 'events'} to ${target}`,
      state: mapping.state,
      // The Tagging API does not know them, and a call for each would be needed.
      tags: null,
      attributes: {
        batch_size: mapping.batch,
        modified_at: mapping.modified,
        event_source_arn: source,
      },
      relations: [
        ...(target === null
          ? []
          : [{ type: 'invokes', resource_type: 'lambda:function', id: target }]),
        ...arnEdges('reads_from', [source]),
        ...arnEdges('failures_to', [mapping.failures]),
      ],
      search_words: [source === null ? '' : `reads from ${source.split(':')[2] ?? ''}`],
    };
  }
}

async function* items(context: ScanContext): AsyncGenerator<JsonObject> {
  const wanted = context.wanted('lambda:event-source-mapping');
  if (wanted === null) {
    const query = `EventSourceMappings[].${FIELDS}`;
    yield* context.list('lambda', 'list-event-source-mappings', { query, pageSize: 100 });
    return;
  }
  for (const UUID of wanted) {
    try {
      const found = await context.aws(
        'lambda',
        'get-event-source-mapping',
        { UUID },
        {
          query: FIELDS,
          isAnswer: (output) => isObject(output) && typeof output['id'] === 'string',
        },
      );
      if (isObject(found)) yield found;
    } catch (error) {
      if (!AwsCallError.is(error, 'not_found')) throw error;
    }
  }
}
