import { MANY, awsCli, counted, type Action } from './kind.ts';

/** How anything of EC2's is tagged: one call for all, then a look at what is there. */
export function tagEc2(noun: { one: string; many: string }): Action {
  return {
    permission: 'ec2:CreateTags',
    batchSize: MANY,
    from: null,
    steps: (batch) => [
      {
        does: 'tag',
        title: `Tag ${counted(batch.ids.length, noun)} in ${batch.region}`,
        command: awsCli('ec2', 'create-tags', batch.region, {
          resources: batch.ids,
          tags: batch.tags.map(({ key, value }) => ({ Key: key, Value: value })),
        }),
        risk: 'mutating',
      },
      {
        does: 'check',
        title: `Read back the tags of ${counted(batch.ids.length, noun)} in ${batch.region}`,
        command: awsCli(
          'ec2',
          'describe-tags',
          batch.region,
          {
            filters: [
              { Name: 'resource-id', Values: batch.ids },
              { Name: 'key', Values: batch.tags.map(({ key }) => key) },
            ],
          },
          { query: 'Tags[].[ResourceId,Key,Value]', output: 'text' },
        ),
        risk: 'read_only',
      },
    ],
  };
}
