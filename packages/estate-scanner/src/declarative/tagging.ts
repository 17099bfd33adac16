import type { Json } from '../resource.ts';
import type { ScanContext } from '../scan-context.ts';
import { tagMap } from '../scanners/tag-list.ts';

/** Tags by ARN; null where they could not be read. */
export type TagsByArn = ReadonlyMap<string, Record<string, string>> | null;

/**
 * Reads the tags of all things of some types in a region at once, with the Resource Groups Tagging API. What was never tagged is
 * not in it.
 *
 * @param types as the API names them: `s3`, `lambda:function`
 * @param what the things in words, for the warning where they cannot be read
 */
export async function readTags(
  context: ScanContext,
  region: string | null,
  types: readonly string[],
  what: string,
): Promise<TagsByArn> {
  const tags = new Map<string, Record<string, string>>();
  const filters: Json = [...types];
  const list = context.list('resourcegroupstaggingapi', 'get-resources', {
    ...(region !== null && { region }),
    pageSize: 100,
    parameters: { ResourceTypeFilters: filters },
    query: 'ResourceTagMappingList[].{arn: ResourceARN, tags: Tags}',
  });
  try {
    for await (const item of list) {
      const arn = item['arn'];
      if (typeof arn === 'string') tags.set(arn, tagMap(item['tags']));
    }
    return tags;
  } catch (error) {
    context.warn(error, `the tags of ${what} in ${context.region} are unknown`);
    return null;
  }
}
