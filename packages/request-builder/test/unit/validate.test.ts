import { describe, expect, it } from 'vitest';
import type { PlaybookStep } from '../../src/protocol.ts';
import { now, somePlaybook, someRequest } from './playbooks.ts';
import { refusalOf } from './refusals.ts';

function step(part: Partial<PlaybookStep>): PlaybookStep {
  return { id: 's1', title: 'Say', command: { type: 'exec', program: 'echo' }, ...part };
}

function withSteps(...steps: unknown[]): unknown {
  return { ...somePlaybook(), steps };
}

describe('validatePlaybook', () => {
  it('accepts what is right', () => {
    expect(refusalOf(somePlaybook())).toBeNull();
    expect(refusalOf(JSON.parse(JSON.stringify(somePlaybook())))).toBeNull();
  });

  const aws = { type: 'aws_cli', service: 'ec2', operation: 'describe-instances' } as const;
  it.each<[string, unknown, string]>([
    // case 4 of the protocol: the graph
    [
      'a cycle',
      withSteps(step({ depends_on: ['s2'] }), step({ id: 's2', depends_on: ['s1'] })),
      '/steps/0/depends_on',
    ],
    [
      'a step that depends on itself',
      withSteps(step({ depends_on: ['s1'] })),
      '/steps/0/depends_on/0',
    ],
    ['a step twice', withSteps(step({}), step({})), '/steps/1/id'],
    ['a step that is missing', withSteps(step({ depends_on: ['s9'] })), '/steps/0/depends_on/0'],
    [
      'an unknown type',
      withSteps({ ...step({}), command: { type: 'python' } }),
      '/steps/0/command/type',
    ],
    ['an unknown field', { ...somePlaybook(), when: 'later' }, ''],
    ['an unknown field of a step', withSteps({ ...step({}), loop: 3 }), '/steps/0'],
    [
      'an unknown field of a command',
      withSteps({ ...step({}), command: { ...aws, profile: 'x' } }),
      '/steps/0/command',
    ],
    [
      'allow_param_files',
      withSteps({ ...step({}), command: { ...aws, allow_param_files: true } }),
      '/steps/0/command',
    ],
    ['another schema', { ...somePlaybook(), schema: 'playbook/v2' }, '/schema'],
    ['no steps', withSteps(), '/steps'],
    // references
    ['a ref to nothing', withSteps(step({ stdin: { $ref: 'parameters.x' } })), '/steps/0/stdin'],
    [
      'a ref without a path',
      withSteps(
        step({ outputs: { a: { from: 'stdout' } } }),
        step({ id: 's2', stdin: { $ref: 'steps.s1.outputs.a' } }),
      ),
      '/steps/1/stdin',
    ],
    [
      'a ref to an output that is missing',
      withSteps(
        step({}),
        step({ id: 's2', depends_on: ['s1'], stdin: { $ref: 'steps.s1.outputs.a' } }),
      ),
      '/steps/1/stdin',
    ],
    [
      'a ref inside parameters that is none',
      withSteps(step({ command: { ...aws, parameters: { a: [{ $ref: 'env.PATH' }] } } })),
      '/steps/0/command/parameters/a/0',
    ],
    [
      'a resource that was not sent',
      withSteps(step({ resources: ['r2'] })),
      '/steps/0/resources/0',
    ],
    ['a rollback that is missing', withSteps(step({ rollback: 'undo' })), '/steps/0/rollback'],
    [
      'a rollback with an output',
      {
        ...somePlaybook(),
        rollbacks: {
          undo: {
            title: 'Undo',
            command: { type: 'exec', program: 'echo', args: [{ $ref: 'steps.s1.outputs.state' }] },
          },
        },
      },
      '/rollbacks/undo/command/args/0',
    ],
    [
      'a value that the AWS CLI would read from a file',
      withSteps(step({ command: { ...aws, parameters: { description: 'file:///etc/passwd' } } })),
      '/steps/0/command/parameters/description',
    ],
    [
      'such a value in a rollback',
      {
        ...somePlaybook(),
        rollbacks: {
          undo: { title: 'Undo', command: { ...aws, args: ['--description=http://x'] } },
        },
      },
      '/rollbacks/undo/command/args/0',
    ],
    [
      'a pattern that is none',
      { ...somePlaybook(), parameters: { a: { type: 'string', pattern: '(' } } },
      '/parameters/a/pattern',
    ],
    // what a server may not set
    [
      'a profile in args',
      withSteps(step({ command: { ...aws, args: ['--profile', 'x'] } })),
      '/steps/0/command/args/0',
    ],
    [
      'a profile abbreviated',
      withSteps(step({ command: { ...aws, args: ['--prof=x'] } })),
      '/steps/0/command/args/0',
    ],
    [
      'an endpoint',
      withSteps(step({ command: { ...aws, args: ['--endpoint-url=http://x'] } })),
      '/steps/0/command/args/0',
    ],
    [
      'an endpoint as parameter',
      withSteps(step({ command: { ...aws, parameters: { 'endpoint-url': 'http://x' } } })),
      '/steps/0/command/parameters/endpoint-url',
    ],
    [
      'no TLS checks',
      withSteps(step({ command: { ...aws, args: ['--no-verify-ssl'] } })),
      '/steps/0/command/args/0',
    ],
    [
      'debug output',
      withSteps(step({ command: { ...aws, parameters: { debug: true } } })),
      '/steps/0/command/parameters/debug',
    ],
    [
      'hidden parameters',
      withSteps(step({ command: { ...aws, args: ['--cli-input-json', '{}'] } })),
      '/steps/0/command/args/0',
    ],
    [
      'a file outside the workspace',
      withSteps(
        step({
          command: { ...aws, service: 's3', operation: 'cp', args: ['/etc/passwd', 's3://b/k'] },
        }),
      ),
      '/steps/0/command/args/0',
    ],
    [
      'a file above the workspace',
      withSteps(
        step({
          command: { ...aws, service: 's3', operation: 'cp', args: ['s3://b/k', '../../x'] },
        }),
      ),
      '/steps/0/command/args/1',
    ],
    [
      'env of an AWS call',
      withSteps(step({ command: aws, env: { AWS_PROFILE: 'x' } })),
      '/steps/0/env/AWS_PROFILE',
    ],
    [
      'a preloaded library',
      withSteps(step({ env: { LD_PRELOAD: '/x.so' } })),
      '/steps/0/env/LD_PRELOAD',
    ],
    ['a path', withSteps(step({ env: { PATH: '/x' } })), '/steps/0/env/PATH'],
    [
      'the aws program',
      withSteps(step({ command: { type: 'exec', program: '/usr/bin/aws' } })),
      '/steps/0/command/program',
    ],
  ])('refuses %s, and says where', (_what, document, pointer) => {
    expect(refusalOf(document)).toEqual({
      code: 'PLAN_INVALID',
      pointers: expect.arrayContaining([pointer]),
    });
  });

  it('refuses what the request did not allow', () => {
    const request = someRequest();
    request.constraints = {
      ...request.constraints,
      step_types: ['aws_cli'],
      strategies: ['serial'],
      max_steps: 1,
    };
    expect(refusalOf(somePlaybook({}, request), request)).toEqual({
      code: 'PLAN_INVALID',
      pointers: ['/strategy/type', '/steps', '/steps/1/command/type'],
    });
  });

  it('refuses answers to another request or context', () => {
    expect(refusalOf(somePlaybook({ request_id: 'request-2' }))?.code).toBe('CONTEXT_MISMATCH');
    const changed = someRequest({ message: { text: 'something else' } });
    expect(refusalOf(somePlaybook(), changed)).toEqual({
      code: 'CONTEXT_MISMATCH',
      pointers: ['/context_digest'],
    });
  });

  it('refuses what has expired', () => {
    expect(refusalOf(somePlaybook({ expires_at: now.toISOString() }))?.code).toBe(
      'PLAYBOOK_EXPIRED',
    );
  });
});
