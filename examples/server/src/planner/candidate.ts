import type { ContextResource, PlaybookRequest } from 'cloudops-request-builder/protocol';
import { ENVIRONMENT_KEYS } from './vocabulary.ts';

/** A resource of the request, read into the parts that sentences speak of. */
export interface Candidate {
  ref: string;
  /** `ec2:instance` */
  type: string;
  /** The service's own id: `i-0abc`, a bucket's name. */
  id: string;
  arn: string | null;
  name: string | null;
  /** Where commands for it go; a global thing takes the first region of the target. */
  region: string;
  state: string | null;
  /** Null: not known. */
  tags: Readonly<Record<string, string>> | null;
  /** Values of the environment tags, in lower case. */
  environments: readonly string[];
  /** Parts of the name, in lower case. */
  nameParts: readonly string[];
  /** Parts of tag values, keys of tags that say yes, and parts of plain attributes, in lower case. */
  otherParts: ReadonlySet<string>;
  /** Ids and names that it points to: its VPC, its cluster. */
  related: ReadonlySet<string>;
  denied: ReadonlySet<string>;
  attributes: Readonly<Record<string, unknown>>;
}

/** Reads the resources of a request. Everything in them is data that anybody may have written. */
export function candidatesOf(request: PlaybookRequest): Candidate[] {
  const fallbackRegion = request.target.regions[0] ?? 'us-east-1';
  return request.resources.map((resource) => candidateOf(resource, fallbackRegion));
}

function candidateOf(resource: ContextResource, fallbackRegion: string): Candidate {
  const { fields } = resource;
  const arn = resource.arn ?? null;
  const resourceId = text(fields['resource_id']);
  const id = resourceId === null ? (arn?.split(/[:/]/).at(-1) ?? '') : afterType(resourceId);
  const region = text(fields['region']) ?? arn?.split(':')[3] ?? '';
  const name = text(fields['name']);
  const tags = tagsOf(fields['tags']);
  const attributes = isRecord(fields['attributes']) ? fields['attributes'] : {};
  return {
    ref: resource.ref,
    type: resource.type,
    id,
    arn,
    name,
    region: region === '' || region === 'global' ? fallbackRegion : region,
    state: text(fields['state'])?.toLowerCase() ?? null,
    tags,
    environments: Object.entries(tags ?? {})
      .filter(([key]) => ENVIRONMENT_KEYS.has(key.toLowerCase()))
      .map(([, value]) => value.toLowerCase()),
    nameParts: partsOf(name ?? id),
    otherParts: otherPartsOf(tags ?? {}, attributes, arn),
    related: relatedOf(fields['relations'], attributes),
    denied: new Set(resource.permissions?.denied),
    attributes,
  };
}

/** Splits `checkout-web_01` into `checkout`, `web`, `01`. */
export function partsOf(value: string): string[] {
  return value
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '');
}

function otherPartsOf(
  tags: Readonly<Record<string, string>>,
  attributes: Readonly<Record<string, unknown>>,
  arn: string | null,
): Set<string> {
  const parts = new Set<string>();
  for (const [key, value] of Object.entries(tags)) {
    // "Name" is in nameParts, where order counts.
    if (key === 'Name') continue;
    for (const part of [...partsOf(value), value.toLowerCase()]) parts.add(part);
    if (/^(?:true|yes|1|on)$/i.test(value)) for (const part of partsOf(key)) parts.add(part);
  }
  for (const value of Object.values(attributes)) {
    if (typeof value !== 'string' || value.length > 256) continue;
    for (const part of [...partsOf(value), value.toLowerCase()]) parts.add(part);
  }
  const account = arn?.split(':')[4];
  if (account !== undefined && account !== '') parts.add(account);
  return parts;
}

function relatedOf(relations: unknown, attributes: Readonly<Record<string, unknown>>): Set<string> {
  const related = new Set<string>();
  const targets = Array.isArray(relations)
    ? relations.map((relation) => (isRecord(relation) ? text(relation['target']) : null))
    : [];
  for (const target of [...targets, ...Object.values(attributes).map(text)]) {
    if (target === null) continue;
    related.add(target.toLowerCase());
    related.add(target.split(/[:/]/).at(-1)?.toLowerCase() ?? '');
  }
  return related;
}

function tagsOf(value: unknown): Record<string, string> | null {
  if (!isRecord(value)) return null;
  const tags: Record<string, string> = {};
  for (const [key, tag] of Object.entries(value)) if (typeof tag === 'string') tags[key] = tag;
  return tags;
}

/** `ec2:instance/i-0abc` is `i-0abc`; what follows the first slash may hold further ones. */
function afterType(resourceId: string): string {
  return resourceId.slice(resourceId.indexOf('/') + 1);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
