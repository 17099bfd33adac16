import { z } from 'zod';
import { ec2Resource, type Ec2List } from './ec2-list.ts';
import { Count, Flag, Names, TagList, Text, Time, arnEdges, edges } from './projection.ts';

const Volume = z.object({
  id: z.string(),
  state: Text,
  tags: TagList,
  kind: Text,
  size_gb: Count,
  iops: Count,
  throughput: Count,
  encrypted: Flag,
  kms: Text,
  zone: Text,
  snapshot: Text,
  instances: Names,
  created: Time,
});

export const volumes: Ec2List = {
  type: 'ec2:volume',
  words: 'EBS volume, disk, block storage',
  operation: 'describe-volumes',
  permission: 'ec2:DescribeVolumes',
  actions: {
    onResource: [
      'ec2:AttachVolume',
      'ec2:DetachVolume',
      'ec2:ModifyVolume',
      'ec2:DeleteVolume',
      'ec2:CreateTags',
    ],
  },
  idFilter: 'volume-id',
  pageSize: 1000,
  query: `Volumes[].{id: VolumeId, state: State, tags: Tags, kind: VolumeType, size_gb: Size, iops: Iops,
    throughput: Throughput, encrypted: Encrypted, kms: KmsKeyId, zone: AvailabilityZone, snapshot: SnapshotId,
    instances: Attachments[].InstanceId, created: CreateTime}`,
  toResource(item, context) {
    const volume = Volume.parse(item);
    return ec2Resource(
      context,
      volumes.type,
      { ...volume, owner: null },
      {
        created_at: volume.created,
        attributes: {
          volume_type: volume.kind,
          size_gb: volume.size_gb,
          iops: volume.iops,
          throughput_mbps: volume.throughput,
          encrypted: volume.encrypted,
          kms_key_arn: volume.kms,
          availability_zone: volume.zone,
          snapshot_id: volume.snapshot,
          instance_ids: volume.instances,
        },
        relations: [
          ...edges('attached_to', 'ec2:instance', volume.instances),
          ...edges('made_from', 'ec2:snapshot', [volume.snapshot]),
          ...arnEdges('encrypted_by', [volume.kms]),
        ],
        search_words: [
          volume.state === 'available' ? 'unattached, unused' : '',
          volume.encrypted === false ? 'unencrypted' : '',
          volume.encrypted === true ? 'encrypted' : '',
        ],
      },
    );
  },
};
