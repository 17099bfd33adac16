import { z } from 'zod';
import type { DiscoveredResource } from '../resource.ts';
import type { ScanContext } from '../service-scanner.ts';
import { ec2Resource, type Ec2List } from './ec2-list.ts';
import { Flag, Names, TagList, Text, Time, edges } from './projection.ts';

const Image = z.object({
  id: z.string(),
  owner: Text,
  alias: Text,
  image_name: Text,
  description: Text,
  state: Text,
  tags: TagList,
  is_public: Flag,
  architecture: Text,
  platform: Text,
  root_device: Text,
  snapshots: Names,
  created: Time,
  deprecated: Time,
});

/**
 * Machine images, by id or the account's own. Others' count as resources of the account that runs them, since the ARN of an image names
 * no account.
 */
export const images: Ec2List = {
  type: 'ec2:image',
  words: 'AMI, machine image',
  operation: 'describe-images',
  permission: 'ec2:DescribeImages',
  actions: { onResource: ['ec2:RunInstances', 'ec2:DeregisterImage'] },
  idFilter: 'image-id',
  pageSize: 1000,
  query: `Images[].{id: ImageId, owner: OwnerId, alias: ImageOwnerAlias, image_name: Name, description: Description,
    state: State, tags: Tags, is_public: Public, architecture: Architecture, platform: PlatformDetails,
    root_device: RootDeviceType, snapshots: BlockDeviceMappings[].Ebs.SnapshotId, created: CreationDate,
    deprecated: DeprecationTime}`,
  toResource(item, context) {
    const image = Image.parse(item);
    const { id, image_name, description } = image;
    const arn = `arn:${context.partition}:ec2:${context.region}::image/${id}`;
    return ec2Resource(
      context,
      images.type,
      { ...image, arn, owner: null },
      {
        name: image_name,
        created_at: image.created,
        attributes: {
          image_name,
          description,
          owner_id: image.owner,
          owner_alias: image.alias,
          is_public: image.is_public,
          architecture: image.architecture,
          platform: image.platform,
          root_device_type: image.root_device,
          deprecated_at: image.deprecated,
          snapshot_ids: image.snapshots,
        },
        relations: edges('made_from', 'ec2:snapshot', image.snapshots),
        search_words: [image.platform ?? '', description ?? ''],
      },
    );
  },
};

/** Finds the images that the account has made, whether something runs from them or not. */
export async function* readOwnImages(context: ScanContext): AsyncGenerator<DiscoveredResource> {
  const { operation, query } = images;
  const options = { parameters: { Owners: ['self'] }, query, pageSize: 1000 };
  for await (const item of context.list('ec2', operation, options)) {
    yield images.toResource(item, context);
  }
}
