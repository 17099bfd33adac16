import { z } from 'zod';
import { OncePerSession } from '../once-per-session.ts';
import type { ScanContext } from '../service-scanner.ts';
import { TagList } from './projection.ts';

const Tagged = z.object({ arn: z.string(), tags: TagList });

/** The tags of a region's buckets and functions by ARN; null where they could not be read. */
export type TagsByArn = ReadonlyMap<string, Record<string, string>> | null;

const tagsByRegion = new OncePerSession<TagsByArn>();

/**
 * Reads the tags of all buckets and functions of a region in one call, instead of one call for each: their lists do not
 * have them. What was never tagged is not in the answer. Bucket and function scanners share it.
 */
export function regionTags(context: ScanContext, region: string): Promise<TagsByArn> {
  return tagsByRegion.get(context, region, async () => {
    const tags = new Map<string, Record<string, string>>();
    const list = context.list('resourcegroupstaggingapi', 'get-resources', {
      region,
      pageSize: 100,
      parameters: { ResourceTypeFilters: ['s3', 'lambda:function'] },
      query: 'ResourceTagMappingList[].{arn: ResourceARN, tags: Tags}',
    });
    try {
      for await (const item of list) {
        const entry = Tagged.parse(item);
        tags.set(entry.arn, entry.tags);
      }
      return tags;
    } catch (error) {
      context.warn(error, `the tags of buckets and functions in ${region} are unknown`);
      return null;
    }
  });
}

/** The tags of one thing: none where it was never tagged, null where tags could not be read. */
export function tagsOf(tags: TagsByArn, arn: string): Record<string, string> | null {
  return tags === null ? null : (tags.get(arn) ?? {});
}
