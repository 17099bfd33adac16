import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExecutionError } from '../../src/errors.ts';
import { parseRequest } from '../../src/request.ts';

const good = { command: { type: 'exec', program: 'true' } };

function issuesOf(input: unknown): string[] {
  try {
    parseRequest(input);
    return [];
  } catch (error) {
    if (!ExecutionError.is(error) || error.code !== 'INVALID_REQUEST') throw error;
    const { issues } = error.details;
    return Array.isArray(issues) ? issues.map((issue) => String(issue.path)) : [];
  }
}

/** A value that is wrong for a field of each kind. */
const wrongValues: Record<string, fc.Arbitrary<unknown>> = {
  id: fc.oneof(
    fc.integer(),
    fc.string().filter((text) => text.length !== 36),
  ),
  command: fc.oneof(fc.string(), fc.integer(), fc.constant({}), fc.constant({ type: 'rm' })),
  env: fc.oneof(fc.string(), fc.constant({ A: 1 }), fc.array(fc.string(), { minLength: 1 })),
  inherit_env: fc.oneof(fc.string(), fc.integer()),
  working_dir: fc.oneof(fc.constant(''), fc.integer()),
  timeout_ms: fc
    .oneof(fc.constant(0), fc.double(), fc.constant(2 ** 31), fc.string())
    .filter(
      (value) =>
        !(typeof value === 'number' && Number.isInteger(value) && value >= 1 && value < 2 ** 31),
    ),
  stdin: fc.oneof(fc.integer(), fc.array(fc.string())),
  retry: fc.constantFrom({}, { max_attempts: 0 }, { max_attempts: 1, multiplier: 0 }, 'yes'),
  secrets: fc.constantFrom('A', [''], [1]),
  max_capture_bytes: fc.constantFrom(-1, 1.5, 2 ** 40, '1'),
  log: fc.constantFrom('no', 0),
  priority: fc.constantFrom(1.5, '1', 5000),
  metadata: fc.constantFrom('x', [1]),
};

describe('a request', () => {
  it.each(Object.entries(wrongValues))(
    'with a wrong %s is refused with its path',
    (field, wrong) => {
      fc.assert(
        fc.property(wrong, (value) => {
          const issues = issuesOf({ ...good, [field]: value });
          expect(issues.length).toBeGreaterThan(0);
          expect(issues.every((path) => path.startsWith(field))).toBe(true);
        }),
      );
    },
  );

  it('may have null for every optional field', () => {
    const optional = Object.keys(wrongValues).filter((field) => field !== 'command');
    expect(
      issuesOf({ ...good, ...Object.fromEntries(optional.map((field) => [field, null])) }),
    ).toEqual([]);
  });

  it('with an unknown field, or something else altogether, is refused', () => {
    fc.assert(
      fc.property(fc.anything(), (input) => {
        expect(issuesOf(input).length).toBeGreaterThan(0);
      }),
    );
    expect(issuesOf({ ...good, tmeout_ms: 1 })).toEqual(['']);
  });

  it('with a wrong command names the place inside it', () => {
    expect(issuesOf({ command: { type: 'exec', program: 'a', args: ['x', 1] } })).toEqual([
      'command.args[1]',
    ]);
    expect(issuesOf({ command: { type: 'exec', program: 'a\0' } })).toEqual(['command.program']);
    expect(issuesOf({ command: { type: 'script' } })).toEqual(['command.path']);
  });
});
