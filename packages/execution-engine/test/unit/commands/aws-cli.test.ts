import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsCliCommand, invokeAwsCli } from '../../../src/commands/aws-cli.ts';

const options = { binary: 'aws', endpointUrl: null, env: {} };

function argv(fields: Partial<AwsCliCommand>): string[] {
  const command = AwsCliCommand.parse({
    type: 'aws_cli',
    service: 'ec2',
    operation: 'describe-instances',
    ...fields,
  });
  return invokeAwsCli(command, options, {}).args;
}

describe('an AWS CLI call', () => {
  it('has the engine defaults', () => {
    const invocation = invokeAwsCli(
      { type: 'aws_cli', service: 'sts', operation: 'get-caller-identity' },
      { binary: '/opt/aws', endpointUrl: 'http://localhost:1', env: { AWS_REGION: 'eu-west-1' } },
      { PATH: '/bin', HOME: '/root', OTHER: 'x' },
    );
    expect(invocation).toMatchObject({ program: '/opt/aws' });
    expect(invocation.args.join(' ')).toBe(
      'sts get-caller-identity --endpoint-url http://localhost:1 --output json --cli-connect-timeout 5 --cli-read-timeout 60',
    );
    expect(invocation.env).toEqual({
      PATH: '/bin',
      HOME: '/root',
      AWS_PAGER: '',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_RETRY_MODE: 'standard',
      AWS_MAX_ATTEMPTS: '1',
      AWS_REGION: 'eu-west-1',
    });
  });

  it('sends API names as one JSON, and option names as options', () => {
    expect(
      argv({
        parameters: {
          InstanceIds: ['i-1'],
          'dry-run': true,
          'no-thing': false,
          'max-items': 3,
          filters: [{ Name: 'x' }],
          left: null,
          text: '--profile',
        },
      }).slice(2, 9),
    ).toEqual([
      '--cli-input-json',
      '{"InstanceIds":["i-1"]}',
      '--dry-run',
      '--no-no-thing',
      '--max-items=3',
      '--filters=[{"Name":"x"}]',
      '--text=--profile',
    ]);
  });

  it.each(['file://x', 'fileb://x', 'http://x', 'https://x', ' file://x', 'Name@=file://x'])(
    'refuses %s, which the CLI would replace',
    (text) => {
      expect(() => argv({ parameters: { description: text } })).toThrow(/description/u);
      expect(() => argv({ args: ['--description', text] })).toThrow(/args\[1\]/u);
      expect(() => argv({ args: [`--description=${text}`] })).toThrow(/args\[0\]/u);
      expect(argv({ parameters: { description: text }, allow_param_files: true })).toContain(
        `--description=${text}`,
      );
      expect(argv({ parameters: { Description: text } })[3]).toContain(JSON.stringify(text));
    },
  );

  it('keeps every value within its one argument', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/:\/\//u.test(text)),
        (text) => {
          expect(argv({ parameters: { name: text } })[2]).toBe(`--name=${text}`);
        },
      ),
    );
  });
});
