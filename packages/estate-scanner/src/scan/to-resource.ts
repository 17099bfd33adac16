import { z } from 'zod';
import { type ResourceContent, storedHash } from '../content-hash.ts';
import { ScanError } from '../errors.ts';
import type { Scope } from '../report.ts';
import {
  DiscoveredResource,
  type DiscoveredRelation,
  type Relation,
  type Resource,
  resourceKey,
} from '../resource.ts';
import type { ServiceScanner } from '../service-scanner.ts';
import { resourceText } from '../text/resource-text.ts';
import type { Owners } from './owners.ts';

/**
 * Makes the resource of what a scanner yielded: checked, with key, text and content hash, without permissions and embedding.
 *
 * @throws ScanError `INVALID_SCANNER` with what is wrong
 */
export function toResource(
  discovered: DiscoveredResource,
  found: {
    scope: Scope;
    scanner: ServiceScanner;
    scanId: string;
    seenAt: string;
    /** Whose the networks are that others share. */
    owners?: Pick<Owners, 'of'>;
  },
): Resource {
  const { scope, scanner, scanId, seenAt, owners } = found;
  const parsed = DiscoveredResource.safeParse(discovered, { error: notJson });
  if (!parsed.success) {
    throw new ScanError(
      'INVALID_SCANNER',
      `service scanner "${scanner.service}" yielded what is no resource: ${z.prettifyError(parsed.error)}`,
    );
  }
  // Not what was parsed: zod leaves out a tag called __proto__, which is a legal one.
  const { resource_type, id } = discovered;
  if (!scanner.resourceTypes.includes(resource_type)) {
    throw new ScanError(
      'INVALID_SCANNER',
      `service scanner "${scanner.service}" yielded a ${resource_type}, which is not one of its resourceTypes`,
    );
  }
  const account_id = discovered.account_id ?? scope.account_id;
  const region = discovered.region ?? scope.region;
  const name = discovered.name ?? null;
  const tags = discovered.tags ?? null;
  const state = discovered.state ?? null;
  const content: ResourceContent = {
    key: resourceKey({ account_id, region, resource_type, id }),
    account_id,
    region,
    service: resource_type.slice(0, resource_type.indexOf(':')),
    resource_type,
    resource_id: `${resource_type}/${id}`,
    arn: discovered.arn ?? null,
    name,
    state,
    tags,
    created_at: discovered.created_at ?? null,
    attributes: discovered.attributes ?? {},
    relations: relations(discovered.relations ?? [], { account_id, region }, owners),
    text: resourceText({
      typeWords: scanner.words[resource_type] ?? resource_type.replace(':', ' '),
      name,
      tags,
      state,
      region,
      searchWords: discovered.search_words ?? [],
    }),
  };
  const seen = { ...content, visible_from: [scope.account_id] };
  return {
    ...seen,
    permissions: null,
    content_hash: storedHash(seen),
    embedding: null,
    first_seen: seenAt,
    last_seen: seenAt,
    scan_id: scanId,
  };
}

/** Of a value that is none of JSON's, zod says no more than that it is invalid: nearly always an undefined or a Date in `attributes`. */
function notJson(issue: { code?: string }): string | undefined {
  return issue.code === 'invalid_union'
    ? 'must be JSON: null, true, false, a number, a text, a list or a plain object'
    : undefined;
}

/** Each edge once, in an order that does not depend on AWS. */
function relations(
  discovered: readonly DiscoveredRelation[],
  here: { account_id: string; region: string },
  owners: Pick<Owners, 'of'> | undefined,
): Relation[] {
  const unique = new Map<string, Relation>();
  for (const edge of discovered) {
    const target = 'target' in edge ? edge.target : keyOf(edge, here, owners);
    unique.set(`${edge.type} ${target}`, { type: edge.type, target });
  }
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, relation]) => relation);
}

function keyOf(
  edge: Exclude<DiscoveredRelation, Relation>,
  here: { account_id: string; region: string },
  owners: Pick<Owners, 'of'> | undefined,
): string {
  const { resource_type, id, region = here.region } = edge;
  const owner = edge.account_id ?? owners?.of(region, resource_type, id);
  return resourceKey({ account_id: owner ?? here.account_id, region, resource_type, id });
}
