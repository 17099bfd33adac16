import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveInputs } from '../../src/playbook/inputs.ts';
import { validatePlaybook } from '../../src/playbook/validate.ts';
import type { Playbook, PlaybookStep } from '../../src/protocol.ts';
import { now, somePlaybook, someRequest } from './playbooks.ts';
import { refusalOf } from './refusals.ts';

function step(part: Partial<PlaybookStep>): PlaybookStep {
  return { id: 's1', title: 'Say', command: { type: 'exec', program: 'echo' }, ...part };
}

describe('validatePlaybook, given anything', () => {
  it('says that a request without regions leaves none to name', () => {
    const request = someRequest({
      target: { partition: 'aws', account_id: '123456789012', regions: [] },
    });
    const command = {
      type: 'aws_cli',
      service: 'ec2',
      operation: 'describe-vpcs',
      region: 'eu-west-1',
    } as const;
    const playbook = somePlaybook({ steps: [step({ command })] }, request);
    expect(refusalOf(playbook, request)).toEqual({
      code: 'TARGET_MISMATCH',
      pointers: ['/steps/0/command/region'],
    });
    expect(() => validatePlaybook(playbook, request, now)).toThrow('the request names no region');
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
    // One pattern may take 550 ms, a hundred would take 55 seconds.
    expect(performance.now() - started).toBeLessThan(5000);
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
