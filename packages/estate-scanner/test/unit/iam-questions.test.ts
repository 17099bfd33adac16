import { describe, expect, it } from 'vitest';
import { groupQuestions } from '../../src/iam/questions.ts';

const none: ReadonlySet<string> = new Set();

describe('groupQuestions', () => {
  it('puts resources of one type with one action set together, whatever the order of the actions', () => {
    const groups = groupQuestions(
      [
        {
          resource_type: 'rds:db',
          arn: 'arn:1',
          actions: ['rds:StopDBInstance', 'rds:StartDBInstance'],
        },
        {
          resource_type: 'rds:db',
          arn: 'arn:2',
          actions: ['rds:StartDBInstance', 'rds:StopDBInstance'],
        },
        {
          resource_type: 'rds:db',
          arn: 'arn:1',
          actions: ['rds:StartDBInstance', 'rds:StopDBInstance'],
        },
      ],
      none,
    );
    expect(groups).toEqual([
      { actions: ['rds:StartDBInstance', 'rds:StopDBInstance'], arns: ['arn:1', 'arn:2'] },
    ]);
  });

  it('asks about objects apart from their bucket, and about account-wide actions once', () => {
    const actions = ['s3:ListBucket', 's3:GetObject', 's3:ListAllMyBuckets'];
    const groups = groupQuestions(
      ['arn:aws:s3:::a', 'arn:aws:s3:::b'].map((arn) => ({
        resource_type: 's3:bucket',
        arn,
        actions,
      })),
      none,
    );
    expect(groups).toEqual([
      { actions: ['s3:ListBucket'], arns: ['arn:aws:s3:::a', 'arn:aws:s3:::b'] },
      { actions: ['s3:GetObject'], arns: ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'] },
      { actions: ['s3:ListAllMyBuckets'], arns: ['*'] },
    ]);
  });

  it('asks nothing where there is no action', () => {
    expect(groupQuestions([{ resource_type: 'ec2:vpc', arn: 'arn:1', actions: [] }], none)).toEqual(
      [],
    );
  });
});
