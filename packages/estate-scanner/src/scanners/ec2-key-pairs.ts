import { z } from 'zod';
import { ec2Resource, type Ec2List } from './ec2-list.ts';
import { TagList, Text, Time } from './projection.ts';

const KeyPair = z.object({ id: z.string(), pair: Text, kind: Text, tags: TagList, created: Time });

/** Instances name their key pair, and so does its ARN. EC2 tells fingerprints, never the keys. */
export const keyPairs: Ec2List = {
  type: 'ec2:key-pair',
  words: 'SSH key pair',
  operation: 'describe-key-pairs',
  permission: 'ec2:DescribeKeyPairs',
  actions: { onResource: ['ec2:DeleteKeyPair', 'ec2:CreateTags'] },
  idFilter: 'key-name',
  query:
    'KeyPairs[].{id: KeyName, pair: KeyPairId, kind: KeyType, tags: Tags, created: CreateTime}',
  toResource(item, context) {
    const key = KeyPair.parse(item);
    return ec2Resource(
      context,
      keyPairs.type,
      { ...key, owner: null },
      {
        name: key.id,
        created_at: key.created,
        attributes: { key_pair_id: key.pair, key_type: key.kind },
      },
    );
  },
};
