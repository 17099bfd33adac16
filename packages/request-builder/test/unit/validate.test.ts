import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestError, type RequestErrorCode } from '../../src/errors.ts';
import type { Playbook, PlaybookStep } from '../../src/protocol.ts';
import { resolveInputs } from '../../src/playbook/inputs.ts';
import { validatePlaybook } from '../../src/playbook/validate.ts';
import { now, somePlaybook, someRequest } from './playbooks.ts';

interface Refusal {
  code: RequestErrorCode;
  pointers: string[];
}

function refusalOf(document: unknown, request = someRequest()): Refusal | null {
  try {
    validatePlaybook(document, request, now);
    return null;
  } catch (error) {
    if (!RequestError.is(error)) throw error;
    const { errors } = error.details;
    const pointers = Array.isArray(errors)
      ? errors.map((found: unknown) =>
          typeof found === 'object' && found !== null && 'pointer' in found
            ? String(found.pointer)
            : '',
        )
      : [];
    return { code: error.code, pointers };
  }
}

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

  it('refuses depth and prototype keys before any schema sees them', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(refusalOf({ ...somePlaybook(), extensions: { deep } })?.code).toBe('PLAN_INVALID');
    const proto: unknown = JSON.parse('{"__proto__":{"schema":"playbook/v1"}}');
    expect(refusalOf(proto)).toEqual({ code: 'PLAN_INVALID', pointers: ['/__proto__'] });
  });

  it('is not held up by patterns that take for ever', () => {
    const parameters = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [
        `p${index}`,
        { type: 'string' as const, pattern: '(a+)+b', default: 'a'.repeat(50) },
      ]),
    );
    const playbook = somePlaybook({ parameters });
    expect(refusalOf(playbook)).toBeNull();
    const started = performance.now();
    expect(() => resolveInputs(playbook)).toThrow(
      expect.objectContaining({ code: 'PARAMETER_INVALID' }),
    );
    // One pattern may take 50 ms, a hundred would take five seconds.
    expect(performance.now() - started).toBeLessThan(1000);
    expect(
      refusalOf(somePlaybook({ parameters: { ...parameters, more: { type: 'string' } } }))?.code,
    ).toBe('PLAN_INVALID');
  });

  it('takes a long chain and a wide graph in its stride', () => {
    const request = someRequest();
    request.constraints = { ...request.constraints, max_steps: 1000 };
    const chain = Array.from({ length: 1000 }, (_, index) =>
      step({ id: `s${index}`, depends_on: index === 0 ? [] : [`s${index - 1}`] }),
    );
    expect(refusalOf(somePlaybook({ steps: chain }, request), request)).toBeNull();
    chain[0] = step({ id: 's0', depends_on: ['s999'] });
    expect(refusalOf(somePlaybook({ steps: chain }, request), request)?.code).toBe('PLAN_INVALID');
  });

  it('answers anything with a typed error or with a playbook', () => {
    const codes = new Set<string | undefined>();
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), mutatedPlaybook, (anything, mutated) => {
        expect(refusalOf(anything)?.code).toBe('PLAN_INVALID');
        codes.add(refusalOf(mutated)?.code);
      }),
      { numRuns: 2000 },
    );
    // The mutations reach further than the schema.
    expect(codes.size).toBeGreaterThan(2);
  });
});

/** A right playbook with one place of it replaced by something else. */
const mutatedPlaybook = fc
  .tuple(
    fc.nat(),
    fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>(
        's1',
        's2',
        'r1',
        '',
        '__proto__',
        { $ref: 'steps.s2.outputs.a' },
        [],
        {},
        null,
        1e308,
        -1,
        'serial',
      ),
    ),
  )
  .map(([place, value]) => {
    const playbook: Playbook = structuredClone(somePlaybook());
    const places = placesOf(playbook);
    const at = places[place % places.length];
    if (at) Reflect.set(at.holder, at.key, value);
    return playbook;
  });

function placesOf(value: object): { holder: object; key: string }[] {
  const places: { holder: object; key: string }[] = [];
  for (const [key, item] of Object.entries(value)) {
    places.push({ holder: value, key });
    if (typeof item === 'object' && item !== null) places.push(...placesOf(item));
  }
  return places;
}
