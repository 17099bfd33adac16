import type { Json } from '../protocol/json.ts';
import type { PlaybookRequest } from '../protocol/request.ts';
import { Cleaner } from './clean.ts';
import type { CustomRedaction } from './custom-redaction.ts';
import { ownPointer } from './resource-view.ts';

/**
 * A request as it may leave: whatever was put into it after it was built is cleaned as well. One that is clean comes back as it is, so that its digest stays the same.
 */
export function cleanOutgoing(
  request: PlaybookRequest,
  redactions: readonly CustomRedaction[],
): PlaybookRequest {
  const cleaner = new Cleaner(redactions, {
    maxStringLength: Number.MAX_SAFE_INTEGER,
    maxEntries: Number.MAX_SAFE_INTEGER,
    maxDepth: Number.MAX_SAFE_INTEGER,
  });
  const cleaned: PlaybookRequest = {
    ...request,
    message: { text: cleaner.text(request.message.text) },
    resources: request.resources.map((resource) => {
      const omitted: string[] = [];
      const fields = cleanFields(resource.fields, cleaner, omitted);
      if (omitted.length === 0) return Object.assign({}, resource, { fields });
      return Object.assign({}, resource, {
        fields,
        omitted: [...new Set([...(resource.omitted ?? []), ...omitted.map(ownPointer)])],
      });
    }),
    history: request.history.map((message) =>
      Object.assign({}, message, { text: cleaner.text(message.text) }),
    ),
  };
  if (request.extensions) {
    cleaned.extensions = cleanFields(request.extensions, cleaner, []);
  }
  if (request.repair) {
    cleaned.repair = { ...request.repair, stderr: cleaner.text(request.repair.stderr) };
  }
  if (Object.keys(cleaner.counts).length === 0) return request;
  const counts = { ...request.metadata.redactions };
  for (const [kind, count] of Object.entries(cleaner.counts)) {
    counts[kind] = (counts[kind] ?? 0) + count;
  }
  return { ...cleaned, metadata: { ...request.metadata, redactions: counts } };
}

function cleanFields(
  fields: Record<string, Json>,
  cleaner: Cleaner,
  omitted: string[],
): Record<string, Json> {
  const cleaned: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) {
    cleaned[name] = cleaner.json(value, [name], omitted);
  }
  return cleaned;
}
