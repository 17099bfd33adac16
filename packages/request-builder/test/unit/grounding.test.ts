import { describe, expect, it } from 'vitest';
import { groundWork, KnownNames } from '../../src/playbook/grounding.ts';
import type { PlaybookCommand } from '../../src/protocol.ts';
import { someRequest } from './playbooks.ts';

const known = new KnownNames(someRequest());

function aws(
  line: string,
  parameters: Extract<PlaybookCommand, { type: 'aws_cli' }>['parameters'] = {},
) {
  const [service = '', operation = '', ...args] = line.split(' ');
  return groundWork({ command: { type: 'aws_cli', service, operation, args, parameters } }, known)
    .status;
}

describe('groundWork', () => {
  it('knows the context by ARN, id and relation', () => {
    expect(aws('ec2 stop-instances', { 'instance-ids': ['i-0abc1234def567890'] })).toBe('yes');
    expect(aws('ec2 stop-instances', { InstanceIds: ['i-0abc1234def567890'] })).toBe('yes');
    expect(aws('ec2 stop-instances --instance-ids i-0abc1234def567890')).toBe('yes');
    expect(aws('ec2 delete-subnet', { 'subnet-id': 'subnet-0123456789abcdef0' })).toBe('yes');
    const arn = 'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890';
    expect(aws('resourcegroupstaggingapi untag-resources', { ResourceARNList: [arn] })).toBe('yes');
  });

  it("knows what stands in the user's words, as a whole", () => {
    expect(aws('s3 rb s3://old-logs')).toBe('yes');
    expect(aws('s3api delete-bucket', { bucket: 'old-logs' })).toBe('yes');
    expect(aws('s3api delete-bucket', { bucket: 'logs' })).toBe('no');
    expect(aws('s3api delete-bucket', { bucket: 'old-logs-production' })).toBe('no');
  });

  it('does not know strangers, however they are written', () => {
    expect(aws('ec2 stop-instances', { 'instance-ids': ['i-0bad1234def567890'] })).toBe('no');
    expect(aws('ec2 stop-instances --instance-ids i-0abc1234def567890 i-0bad1234def567890')).toBe(
      'no',
    );
    expect(aws('iam create-access-key', { UserName: 'admin' })).toBe('no');
    expect(aws('rds delete-db-instance', { 'db-instance-identifier': 'orders' })).toBe('no');
    expect(aws('rds delete-db-instance --db-instance-identifier=orders')).toBe('no');
    const command = { type: 'shell', command: 'echo i-0bad1234def567890' } as const;
    expect(groundWork({ command }, known).status).toBe('no');
  });

  it('cannot tell where nothing is named', () => {
    expect(aws('ec2 create-vpc', { 'cidr-block': '10.0.0.0/16' })).toBe('unknown');
    expect(groundWork({ command: { type: 'shell', command: 'df -h' } }, known).status).toBe(
      'unknown',
    );
    const derived = groundWork(
      {
        command: {
          type: 'aws_cli',
          service: 'ec2',
          operation: 'stop-instances',
          parameters: { 'instance-ids': [{ $ref: 'steps.s1.outputs.id' }] },
        },
      },
      known,
    );
    expect(derived).toEqual({
      status: 'unknown',
      reasons: ['what it acts on comes from step s1'],
      refs: [],
      reachesFurther: true,
    });
  });

  it('says which resources a command names, and whether there may be more', () => {
    const about = (...ids: string[]) => {
      const command: PlaybookCommand = {
        type: 'aws_cli',
        service: 'ec2',
        operation: 'stop-instances',
        parameters: { 'instance-ids': ids },
      };
      const { refs, reachesFurther } = groundWork({ command }, known);
      return { refs, reachesFurther };
    };
    expect(about('i-0abc1234def567890')).toEqual({ refs: ['r1'], reachesFurther: false });
    expect(about('i-0abc1234def567890', 'subnet-0123456789abcdef0')).toEqual({
      refs: ['r1'],
      reachesFurther: true,
    });
    expect(about()).toEqual({ refs: [], reachesFurther: true });
    const command = { type: 'shell', command: 'echo i-0abc1234def567890' } as const;
    expect(groundWork({ command }, known).reachesFurther).toBe(true);
  });

  it('does not take tags and filters for names', () => {
    const tags = [{ Key: 'Name', Value: 'new' }];
    expect(aws('ec2 create-tags', { Resources: ['i-0abc1234def567890'], Tags: tags })).toBe('yes');
    expect(aws('ec2 describe-instances', { Filters: [{ Name: 'tag:Name', Values: ['x'] }] })).toBe(
      'unknown',
    );
  });
});
