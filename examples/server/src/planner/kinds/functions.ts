import { MANY, awsCli, counted, type ResourceKind } from './kind.ts';

const NOUN = { one: 'function', many: 'functions' };

/** Lambda functions. There is nothing to start or stop. */
export const functions: ResourceKind = {
  types: ['lambda:function'],
  ...NOUN,
  idPattern: /^[a-zA-Z0-9-_]{1,64}$/,
  actions: {
    list: {
      permission: null,
      batchSize: MANY,
      from: null,
      steps: (batch) => [
        {
          does: 'look',
          title: `List ${counted(batch.ids.length, NOUN)} in ${batch.region}`,
          // No call takes several names, so the one for all is narrowed; the ids were checked and hold no quote.
          command: awsCli(
            'lambda',
            'list-functions',
            batch.region,
            {},
            {
              query: `Functions[?contains(\`${JSON.stringify(batch.ids)}\`, FunctionName)].[FunctionName,Runtime,LastModified]`,
              output: 'text',
            },
          ),
          risk: 'read_only',
        },
      ],
    },
    describe: {
      permission: null,
      batchSize: 1,
      from: null,
      steps: (batch) => [
        {
          does: 'look',
          title: `Describe function ${batch.ids[0] ?? ''} in ${batch.region}`,
          // Environment values are secrets, and this answer would hold them.
          command: awsCli(
            'lambda',
            'get-function-configuration',
            batch.region,
            { 'function-name': batch.ids[0] ?? '' },
            {
              query:
                '{Name:FunctionName,Runtime:Runtime,Handler:Handler,MemorySize:MemorySize,Timeout:Timeout,State:State,LastModified:LastModified}',
            },
          ),
          risk: 'read_only',
        },
      ],
    },
    tag: {
      permission: 'lambda:TagResource',
      batchSize: 1,
      from: null,
      obstacle: (candidate) => (candidate.arn === null ? 'has no ARN' : null),
      steps: (batch) => [
        {
          does: 'tag',
          title: `Tag function ${batch.ids[0] ?? ''} in ${batch.region}`,
          command: awsCli('lambda', 'tag-resource', batch.region, {
            resource: batch.candidates[0]?.arn ?? '',
            tags: Object.fromEntries(batch.tags.map(({ key, value }) => [key, value])),
          }),
          risk: 'mutating',
        },
      ],
    },
  },
};
