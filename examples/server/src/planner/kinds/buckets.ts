import { MANY, awsCli, counted, type Batch, type ResourceKind, type StepDraft } from './kind.ts';

const NOUN = { one: 'bucket', many: 'buckets' };

function ask(batch: Batch, operation: string, what: string, does: string): StepDraft {
  const bucket = batch.ids[0] ?? '';
  return {
    does,
    title: `${what} of bucket ${bucket}`,
    command: awsCli('s3api', operation, batch.region, { bucket }),
    risk: 'read_only',
  };
}

/** S3 buckets. They are not tagged: the call for it replaces all tags a bucket has. */
export const buckets: ResourceKind = {
  types: ['s3:bucket'],
  ...NOUN,
  idPattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
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
            's3api',
            'list-buckets',
            batch.region,
            {},
            {
              query: `Buckets[?contains(\`${JSON.stringify(batch.ids)}\`, Name)].[Name,CreationDate]`,
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
        ask(batch, 'get-bucket-location', 'Location', 'locate'),
        ask(batch, 'get-bucket-versioning', 'Versioning', 'look'),
      ],
    },
  },
};
