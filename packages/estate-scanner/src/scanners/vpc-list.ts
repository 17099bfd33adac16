import type { JsonObject } from '../aws/pages.ts';
import type { DiscoveredResource, Json } from '../resource.ts';
import type { ScanContext } from '../service-scanner.ts';

/** One kind of thing in a VPC and the EC2 call that lists it. */
export interface NetworkList {
  type: string;
  words: string;
  operation: string;
  permission: string;
  /** The filter that takes ids. */
  idFilter: string;
  query: string;
  pageSize: number;
  toResource(item: JsonObject, context: ScanContext): DiscoveredResource;
}

/** What all of them have in common. */
interface NetworkFields {
  id: string;
  owner: string | null;
  arn?: string | null;
  state?: string | null;
  tags: Record<string, string>;
}

/** A resource of the type, its ARN made of owner and id where EC2 does not tell it. */
export function networkResource(
  context: ScanContext,
  type: string,
  fields: NetworkFields,
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
