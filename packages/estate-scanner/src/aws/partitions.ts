/**
 * Where a partition's global services live, and where its calls go that need no region of their own
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html, https://docs.aws.amazon.com/general/latest/gr/rande.html).
 */
const HOME_REGIONS: Readonly<Record<string, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

/** By how a region's name begins; everything else is `aws`. */
const PARTITIONS: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-isob-', 'aws-iso-b'],
  ['us-isof-', 'aws-iso-f'],
  ['us-iso-', 'aws-iso'],
  ['eu-isoe-', 'aws-iso-e'],
  ['eusc-', 'aws-eusc'],
];

/** The partition of a region: `aws`, `aws-cn`, `aws-us-gov`, … */
export function partitionOfRegion(region: string): string {
  return PARTITIONS.find(([prefix]) => region.startsWith(prefix))?.[1] ?? 'aws';
}

/** The region through which a partition's global services are called; undefined leaves it to the AWS CLI. */
export function homeRegion(partition: string): string | undefined {
  return HOME_REGIONS[partition];
}

/** The home regions of the partitions other than this one. */
export function otherHomeRegions(partition: string): string[] {
  return Object.entries(HOME_REGIONS).flatMap(([name, home]) => (name === partition ? [] : home));
}
