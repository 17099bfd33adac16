import { describe, expect, it } from 'vitest';
import { DecisionTable } from '../../src/iam/decisions.ts';

const web = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-web';
const db = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-db';

describe('DecisionTable', () => {
  it('reads the decision of each resource, not the one over all', () => {
    const table = new DecisionTable();
    table.add(
      [
        {
          EvalActionName: 'ec2:StopInstances',
          EvalResourceName: 'arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}',
          EvalDecision: 'implicitDeny',
          ResourceSpecificResults: [
            { EvalResourceName: web, EvalResourceDecision: 'allowed' },
            { EvalResourceName: db, EvalResourceDecision: 'explicitDeny' },
          ],
        },
      ],
      [web, db],
    );
    expect(table.get('ec2:StopInstances', web)?.plain).toBe('allowed');
    expect(table.get('ec2:StopInstances', db)?.plain).toBe('denied');
  });

  it('takes a result that stands alone for the one resource that was asked about, template or not', () => {
    const table = new DecisionTable();
    table.add(
      [
        {
          EvalActionName: 'ec2:StopInstances',
          EvalResourceName: 'arn:${Partition}:…',
          EvalDecision: 'allowed',
        },
      ],
      [web],
    );
    expect(table.get('EC2:stopinstances', web)?.plain).toBe('allowed');
  });

  it('does not spread a result that stands alone over several resources', () => {
    const table = new DecisionTable();
    table.add([{ EvalActionName: 'ec2:StopInstances', EvalDecision: 'allowed' }], [web, db]);
    expect(table.get('ec2:StopInstances', web)).toBeUndefined();
    expect(table.get('ec2:StopInstances', db)).toBeUndefined();
  });

  it.each(['allowed', 'explicitDeny', 'implicitDeny'] as const)(
    'keeps which context IAM lacked for %s',
    (decision) => {
      const table = new DecisionTable();
      const MissingContextValues = ['aws:ResourceTag/Environment'];
      table.add(
        [
          {
            EvalActionName: 'ec2:StopInstances',
            EvalDecision: decision,
            MissingContextValues,
            ResourceSpecificResults: [
              { EvalResourceName: web, EvalResourceDecision: decision, MissingContextValues },
              { EvalResourceName: db, EvalResourceDecision: 'allowed' },
            ],
          },
        ],
        [web, db],
      );
      expect(table.get('ec2:StopInstances', web)?.missing).toEqual(MissingContextValues);
      expect(table.get('ec2:StopInstances', db)).toEqual({ plain: 'allowed', missing: [] });
    },
  );
});
