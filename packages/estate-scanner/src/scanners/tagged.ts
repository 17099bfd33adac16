import { type TagsByArn, readTags } from '../declarative/tagging.ts';
import { OncePerSession } from '../once-per-session.ts';
import type { ScanContext } from '../service-scanner.ts';

const tagsByRegion = new OncePerSession<TagsByArn>();

/**
 * Reads the tags of all buckets and functions of a region in one call, instead of one call for each: their lists do not
 * have them. What was never tagged is not in the answer. Bucket and function scanners share it.
 */
export function regionTags(context: ScanContext, region: string): Promise<TagsByArn> {
  return tagsByRegion.get(context, region, () =>
    readTags(context, region, ['s3', 'lambda:function'], 'buckets and functions'),
  );
}

/** The tags of one thing: none where it was never tagged, null where tags could not be read. */
export function tagsOf(tags: TagsByArn, arn: string): Record<string, string> | null {
  return tags === null ? null : (tags.get(arn) ?? {});
}
