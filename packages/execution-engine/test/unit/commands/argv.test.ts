import { describe, expect, it } from 'vitest';
import { commandArgv } from '../../../src/commands/argv.ts';
import { invokeAwsCli } from '../../../src/commands/aws-cli.ts';
import type { Command } from '../../../src/commands/command.ts';

describe('the argv of a command', () => {
  it.each<[Command, string[]]>([
    [{ type: 'exec', program: 'echo', args: ['a b', ''] }, ['echo', 'a b', '']],
    [{ type: 'shell', command: 'echo "$A"' }, ['sh', '-c', 'echo "$A"']],
    [{ type: 'script', content: 'x', interpreter: 'python' }, ['python3', '‹script›']],
    [{ type: 'script', path: 'a.sh', args: ['b'] }, ['bash', 'a.sh', 'b']],
    [
      {
        type: 'aws_cli',
        service: 'ec2',
        operation: 'wait',
        args: ['instance-running'],
        parameters: { InstanceIds: ['i-1'], 'dry-run': true },
        region: 'eu-west-1',
        profile: 'p',
        query: '@',
        output: 'text',
      },
      [
        'aws',
        'ec2',
        'wait',
        'instance-running',
        '--cli-input-json',
        '{"InstanceIds":["i-1"]}',
        '--dry-run',
        '--region',
        'eu-west-1',
        '--profile',
        'p',
        '--query=@',
      ],
    ],
  ])('is what the command says by itself: %j', (command, argv) => {
    expect(commandArgv(command)).toEqual(argv);
    if (command.type !== 'aws_cli') return;
    const options = { binary: 'x', endpointUrl: 'http://localhost:1', env: {} };
    expect(invokeAwsCli(command, options).args.slice(0, argv.length - 1)).toEqual(argv.slice(1));
  });

  it('refuses what the AWS CLI would replace by a file', () => {
    const parameters = { 'user-data': 'file://x' };
    expect(() =>
      commandArgv({ type: 'aws_cli', service: 'ec2', operation: 'run-instances', parameters }),
    ).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });
});
