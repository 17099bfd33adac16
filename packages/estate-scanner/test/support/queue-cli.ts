import type { AwsCliResult, CommandRunner } from '../../src/ports.ts';

const answers: Record<string, unknown> = {
  'sts get-caller-identity': {
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/operator',
  },
  'iam list-account-aliases': [],
  'sqs list-queues': {
    items: [{ value: 'https://sqs/orders' }, { value: 'https://sqs/refunds' }],
    next: null,
  },
  'resourcegroupstaggingapi get-resources': [
    { ResourceARN: 'arn:aws:sqs:eu-west-1:123456789012:orders', Tags: [] },
    { ResourceARN: 'arn:aws:lambda:eu-west-1:123456789012:function:resize', Tags: [] },
  ],
  'sqs get-queue-attributes': [{ arn: 'arn:aws:sqs:eu-west-1:123456789012:orders' }],
};

/**
 * An AWS CLI with two queues, in memory: the contract suite is tried on plugins that are wrong, which takes many scans and no AWS.
 * What it passes runs against the real CLI in `test/contract`.
 */
export function queueCli(): CommandRunner {
  return {
    run({ command: { service, operation } }) {
      const answer = answers[`${service} ${operation}`];
      const result: AwsCliResult = {
        status: 'completed',
        exit_code: 0,
        stdout: answer === undefined ? '' : JSON.stringify(answer),
        stderr: '',
        stdout_truncated: false,
        error: null,
      };
      return Promise.resolve(result);
    },
  };
}
