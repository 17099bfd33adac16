import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExecutionError } from '../../src/errors.ts';
import { resolveOptions } from '../../src/options.ts';
import { checkPlan } from '../../src/plans/check.ts';
import { parseRequest } from '../../src/request.ts';
import { pathText } from '../../src/validation.ts';
import { explosive, hostile, hostileValues, placesIn, withValueAt } from '../hostile.ts';

const run = {
  env: { A: 'x', B: 'y' },
  inherit_env: false,
  working_dir: '/',
  timeout_ms: 1000,
  idle_timeout_ms: 1000,
  stdin: 'in',
  retry: {
    max_attempts: 2,
    initial_delay_ms: 1,
    multiplier: 2,
    max_delay_ms: 10,
    on_exit_codes: [1, 2],
  },
  secrets: ['A'],
  max_capture_bytes: 10,
  log: true,
  priority: 1,
  metadata: { a: [1, { b: null }] },
};

const commands = [
  { type: 'exec', program: 'true', args: ['a', 'b'] },
  { type: 'shell', command: 'true', shell: 'bash' },
  { type: 'script', content: 'true', interpreter: 'sh', args: ['a'] },
  {
    type: 'aws_cli',
    service: 'ec2',
    operation: 'describe-instances',
    parameters: { Filters: [{ Name: 'n', Values: ['v'] }], 'max-items': 5 },
    args: ['--debug'],
    region: 'eu-west-1',
    profile: 'p',
    query: 'Q',
    output: 'json',
    allow_param_files: false,
  },
];

const requests = commands.map((command) => ({ id: crypto.randomUUID(), command, ...run }));

function stepOf(command: object, at: number) {
  return {
    id: `s${at}`,
    command,
    ...run,
    stdin: at === 0 ? null : { $ref: 'steps.s0.outputs.x' },
    depends_on: at === 0 ? [] : ['s0'],
    when: 'success',
    allow_failure: false,
    outputs: { x: { from: 'stdout', pointer: '/a/0' } },
  };
}

const plans = [
  { type: 'serial' },
  { type: 'dependency_graph', max_concurrency: 2, on_failure: 'stop' },
].map((strategy) => ({
  id: crypto.randomUUID(),
  name: 'a plan',
  parameters: { p: { q: [1] } },
  strategy,
  timeout_ms: 1000,
  // Their fields are the same in both.
  steps: commands.slice(0, strategy.type === 'serial' ? 4 : 1).map(stepOf),
}));

/** The path of what was refused; null where it was accepted. Whatever else is thrown is a failure of the test. */
function refusedAt(
  check: (input: unknown) => unknown,
  code: string,
  input: unknown,
): string | null {
  try {
    check(input);
    return null;
  } catch (error) {
    if (!ExecutionError.is(error) || error.code !== code || error.message === '') throw error;
    return String(error.details.path);
  }
}

describe.each([
  ['a request', requests, parseRequest, 'INVALID_REQUEST'],
  ['a plan', plans, checkPlan, 'PLAN_INVALID'],
] as const)('%s', (_name, inputs, check, code) => {
  const places = inputs.flatMap((input) => placesIn(input).map((place) => ({ input, place })));

  it('as it is meant is accepted', () => {
    expect(inputs.map((input) => refusedAt(check, code, input))).toEqual(inputs.map(() => null));
  });

  it('with a hostile value in any place is accepted or refused with the place, and nothing else', () => {
    const elsewhere = places.flatMap(({ input, place }) =>
      hostileValues.flatMap((make) => {
        const path = refusedAt(check, code, withValueAt(input, place, make()));
        // Refs of other steps lead to a step, so that another one may be named there.
        const field = place[0] === 'steps' ? 'steps' : pathText(place.slice(0, 1));
        const isRelated = path === null || path.startsWith(field) || field.startsWith(path);
        return isRelated ? [] : [{ place, path }];
      }),
    );
    expect(elsewhere).toEqual([]);
  });

  it('with anything at all in any place never throws anything else', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), hostile, ({ input, place }, make) => {
        expect(() => refusedAt(check, code, withValueAt(input, place, make()))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  it('with a field that it does not have is refused, wherever that stands', () => {
    const objects = places.filter(({ input, place }) => {
      const value = place.reduce<unknown>((at, name) => Reflect.get(Object(at), name), input);
      const open = new Set(['env', 'metadata', 'parameters', 'outputs']);
      return (
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        !place.some((name) => open.has(String(name)))
      );
    });
    for (const { input, place } of objects) {
      const value = place.reduce<unknown>((at, name) => Reflect.get(Object(at), name), input);
      const wider = { ...Object(value), surprise: 1 };
      expect(refusedAt(check, code, withValueAt(input, place, wider))).not.toBeNull();
    }
  });
});

describe('options', () => {
  it('that are hostile are refused or taken, and nothing else', () => {
    const given = {
      awsCli: { binary: 'aws', env: { A: 'x' } },
      retention: { maxCount: 1 },
      logDir: '/x',
    };
    const outcomes = placesIn(given).flatMap((place) =>
      hostileValues.map((make) =>
        refusedAt(
          (input) => resolveOptions(Object(input)),
          'INVALID_OPTIONS',
          withValueAt(given, place, make()),
        ),
      ),
    );
    expect(outcomes.filter((path) => path !== null).length).toBeGreaterThan(outcomes.length / 2);
  });
});

describe('what is accepted', () => {
  it('is a copy: a caller that changes its request later changes nothing', () => {
    const args = ['a'];
    const metadata = { list: [1] };
    const request = parseRequest({ command: { type: 'exec', program: 'true', args }, metadata });
    args.push('b');
    metadata.list.push(2);
    expect(request).toMatchObject({ command: { args: ['a'] }, metadata: { list: [1] } });
  });

  it('reads every field once, so that what was checked is what runs', () => {
    let reads = 0;
    const command = {
      type: 'exec',
      get program() {
        reads += 1;
        return reads === 1 ? 'true' : 'rm';
      },
    };
    expect(parseRequest({ command }).command).toEqual({ type: 'exec', program: 'true' });
    expect(reads).toBe(1);
  });

  it('may have names that objects have by themselves', () => {
    const env = { constructor: 'a', toString: 'b', hasOwnProperty: 'c' };
    expect(parseRequest({ command: { type: 'exec', program: 'true' }, env }).env).toEqual(env);
  });
});

describe('what is too large', () => {
  it('is refused before it is looked at one by one', () => {
    const args = Array.from({ length: 300_000 }, (_, at) => at);
    expect(
      refusedAt(parseRequest, 'INVALID_REQUEST', { command: { type: 'exec', program: 'x', args } }),
    ).toBe('command.args');
    const [request] = requests;
    expect(
      refusedAt(parseRequest, 'INVALID_REQUEST', { ...request, metadata: { a: explosive() } }),
    ).toMatch(/^metadata\.a\[0\]/u);
    expect(
      refusedAt(parseRequest, 'INVALID_REQUEST', {
        command: { type: 'exec', program: 'x' },
        stdin: 'x'.repeat(64 * 1024 * 1024 + 1),
      }),
    ).toBe('stdin');
  });

  it('names the first hundred of many mistakes, and says how many there are', () => {
    const args = Array.from({ length: 1000 }, (_, at) => at);
    let error: unknown;
    try {
      parseRequest({ command: { type: 'exec', program: 'x', args } });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('(and 999 more)'),
      details: { path: 'command.args[0]', issues: expect.any(Array) },
    });
    expect(ExecutionError.is(error) && error.details.issues).toHaveLength(100);
  });
});
