import { isObject, type JsonObject } from '../aws/pages.ts';
import type { DiscoveredResource, Json } from '../resource.ts';
import type { ScanContext, TypeActions } from '../service-scanner.ts';
import { filterCalls } from './wanted.ts';

/** One kind of thing and the EC2 call that lists it. */
export interface Ec2List {
  type: string;
  words: string;
  operation: string;
  permission: string;
  /** What to ask IAM about it. */
  actions?: TypeActions;
  /** The filter that takes ids. */
  idFilter: string;
  query: string;
  /** Left out where the operation answers in one piece. */
  pageSize?: number;
  toResource(item: JsonObject, context: ScanContext): DiscoveredResource;
}

/**
 * Finds the resources of one kind.
 *
 * @param ids which ones; null is all. Default: all, or those that a refresh wants.
 */
export async function* readList(
  context: ScanContext,
  list: Ec2List,
  ids: readonly string[] | null = context.wanted(list.type),
): AsyncGenerator<DiscoveredResource> {
  for (const call of filterCalls(ids, list.idFilter)) {
    for await (const item of items(context, list, call.parameters ?? {})) {
      yield list.toResource(item, context);
    }
  }
}

async function* items(
  context: ScanContext,
  { operation, query, pageSize }: Ec2List,
  parameters: Record<string, Json>,
): AsyncGenerator<JsonObject> {
  if (pageSize !== undefined) {
    yield* context.list('ec2', operation, { parameters, query, pageSize });
    return;
  }
  const output = await context.aws('ec2', operation, parameters, {
    query,
    isAnswer: Array.isArray,
  });
  if (Array.isArray(output)) yield* output.filter((item) => isObject(item));
}

/** What all of them have in common. */
interface Ec2Fields {
  id: string;
  owner: string | null;
  arn?: string | null;
  state?: string | null;
  tags: Record<string, string>;
}

/** A resource of the type, its ARN made of owner and id where EC2 does not tell it. */
export function ec2Resource(
  context: ScanContext,
  type: string,
  fields: Ec2Fields,
  details: Pick<DiscoveredResource, 'relations' | 'search_words' | 'created_at'> & {
    name?: string | null;
    attributes: Record<string, Json>;
  },
): DiscoveredResource {
  const { id, tags } = fields;
  const owner = fields.owner ?? context.account_id;
  const kind = type.slice(type.indexOf(':') + 1);
  return {
    resource_type: type,
    id,
    account_id: owner,
    arn: fields.arn ?? `arn:${context.partition}:ec2:${context.region}:${owner}:${kind}/${id}`,
    state: fields.state ?? null,
    tags,
    ...details,
    name: tags['Name'] ?? details.name ?? null,
  };
}
