import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine, ExecutionRequest } from 'cloudops-execution-engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { showCommand } from '../../src/playbook/argv.ts';
import type { PlaybookCommand } from '../../src/protocol.ts';

const hostile = '-x "quoted" $(id) `id` ; * \u00e9 {"$ref":1}';

let folder = '';
let engine: ExecutionEngine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-argv-'));
  await writeFile(join(folder, 'script.sh'), 'exit 0\n');
  // Any program will do: what counts is how it is started.
  engine = new ExecutionEngine({ logDir: folder, awsCli: { binary: '/bin/true' } });
});
afterAll(async () => {
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the argv of a preview', () => {
  it.each<[string, PlaybookCommand]>([
    ['exec', { type: 'exec', program: '/bin/echo', args: ['a', hostile, ''] }],
    ['shell', { type: 'shell', command: 'true "$A"' }],
    ['bash', { type: 'shell', command: 'true', shell: 'bash' }],
    [
      'script with a path',
      { type: 'script', path: 'script.sh', interpreter: 'sh', args: [hostile] },
    ],
    ['script with content', { type: 'script', content: 'exit 0', args: ['a'] }],
    ['python', { type: 'script', content: 'pass', interpreter: 'python' }],
    [
      'aws_cli with everything',
      {
        type: 'aws_cli',
        service: 'ec2',
        operation: 'describe-instances',
        args: ['--dry-run', hostile],
        parameters: {
          InstanceIds: ['i-1', hostile],
          Nested: { A: [1, true, null] },
          'max-items': 5,
          filters: [{ Name: 'a', Values: [hostile] }],
          'no-value': null,
          flag: true,
          other: false,
          text: hostile,
        },
        region: 'eu-west-1',
        query: 'Reservations[]',
      },
    ],
  ])('is what the engine starts: %s', async (_type, command) => {
    const request = ExecutionRequest.parse({ command, working_dir: folder });
    const id = await engine.execute(request);
    let started: string[] = [];
    for await (const event of engine.events(id)) {
      if (event.type === 'started') started = event.argv;
    }
    const { argv, unresolved } = showCommand(command);
    expect(unresolved).toEqual([]);
    const shown = argv.map((part) =>
      part === '‹script›' || part === 'script.sh' ? started[1] : part,
    );
    // Of an AWS call the program and what comes behind are the engine's own configuration.
    const from = command.type === 'aws_cli' ? 1 : 0;
    const to = command.type === 'aws_cli' ? argv.length : started.length;
    expect(started.slice(from, to)).toEqual(shown.slice(from));
  });

  it('shows what is not known yet as such', () => {
    const command: PlaybookCommand = {
      type: 'aws_cli',
      service: 'ec2',
      operation: 'describe-instances',
      parameters: { 'instance-ids': [{ $ref: 'steps.s1.outputs.id' }] },
    };
    expect(showCommand(command)).toEqual({
      argv: ['aws', 'ec2', 'describe-instances', '--instance-ids=["‹steps.s1.outputs.id›"]'],
      unresolved: ['steps.s1.outputs.id'],
    });
  });
});
