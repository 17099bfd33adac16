import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PolicySubject } from '../../src/policy/conditions.ts';
import { decide, explainRules } from '../../src/policy/decide.ts';
import {
  defaultPolicy,
  parsePolicy,
  readPolicy,
  type PolicyRule,
} from '../../src/policy/policy.ts';

function subject(part: Partial<PolicySubject> = {}): PolicySubject {
  return {
    risk: 'mutating',
    command: { type: 'aws_cli', service: 'ec2', operation: 'start-instances' },
    grounding: 'yes',
    reachesFurther: false,
    actions: ['ec2:StartInstances'],
    now: new Date('2026-01-31T22:30:00Z'),
    account_id: '123456789012',
    region: 'eu-west-1',
    resources: [{ type: 'ec2:instance', tags: { Environment: 'staging' } }],
    ...part,
  };
}

function effectOf(rules: Omit<PolicyRule, 'id'>[], part: Partial<PolicySubject> = {}) {
  const policy = parsePolicy({
    version: 1,
    rules: rules.map((rule, index) => Object.assign({ id: `r${index}` }, rule)),
  });
  return decide(policy, subject(part)).effect;
}

describe('decide', () => {
  it('lets deny win over approval over allow, in any order', () => {
    const allow = { effect: 'allow', when: {} } as const;
    const ask = { effect: 'require_approval', when: {} } as const;
    const deny = { effect: 'deny', when: {} } as const;
    expect(effectOf([allow])).toBe('allow');
    expect(effectOf([allow, ask])).toBe('require_approval');
    expect(effectOf([ask, allow])).toBe('require_approval');
    expect(effectOf([allow, deny, ask])).toBe('deny');
    expect(effectOf([deny, allow])).toBe('deny');
  });

  it('asks where no rule fits, and denies what is destructive', () => {
    expect(effectOf([])).toBe('require_approval');
    expect(effectOf([], { risk: 'destructive' })).toBe('deny');
  });

  it.each<[string, PolicyRule['when'], boolean]>([
    ['a class', { risk: ['mutating'] }, true],
    ['another class', { risk: ['read_only'] }, false],
    ['a service', { services: ['ec*'] }, true],
    ['another service', { services: ['s3'] }, false],
    ['an operation', { operations: ['ec2 st*-instances'] }, true],
    ['another operation', { operations: ['ec2 stop-*'] }, false],
    ['a region', { regions: ['eu-*'] }, true],
    ['another region', { regions: ['us-*'] }, false],
    ['an account', { accounts: ['123456789012'] }, true],
    ['another account', { accounts: ['2*'] }, false],
    ['a resource type', { resource_types: ['ec2:*'] }, true],
    ['another resource type', { resource_types: ['rds:*'] }, false],
    ['a tag', { tags: { Environment: ['stag*'] } }, true],
    ['another value of a tag', { tags: { Environment: ['prod*'] } }, false],
    ['a tag that is not there', { tags: { toString: ['*'] } }, false],
    ['a step type', { step_types: ['aws_cli'] }, true],
    ['another step type', { step_types: ['shell'] }, false],
    ['an action', { actions: ['ec2:Start*'] }, true],
    ['another action', { actions: ['ec2:Stop*'] }, false],
    ['a time', { time: { from: '22:00', to: '23:00' } }, true],
    ['another time', { time: { from: '09:00', to: '17:00' } }, false],
    ['the end of a time', { time: { from: '22:00', to: '22:30' } }, false],
    ['a night', { time: { from: '20:00', to: '06:00' } }, true],
    ['a night that began yesterday', { time: { from: '23:00', to: '22:45', days: ['fri'] } }, true],
    ['a night of another day', { time: { from: '20:00', to: '06:00', days: ['sun'] } }, false],
    ['a Saturday', { time: { from: '00:00', to: '23:59', days: ['sat'] } }, true],
    [
      'a Sunday there',
      { time: { from: '00:00', to: '23:59', days: ['sun'], time_zone: 'Asia/Tokyo' } },
      true,
    ],
    ['a grounding', { grounding: ['yes'] }, true],
    ['all of several', { services: ['ec2'], regions: ['us-*'] }, false],
  ])('compares %s', (_what, when, fits) => {
    expect(effectOf([{ effect: 'deny', when }]) === 'deny').toBe(fits);
  });

  it('allows by tag only where every resource has it, and nothing unknown is touched', () => {
    const staging = { type: 'ec2:instance', tags: { Environment: 'staging' } };
    const production = { type: 'ec2:instance', tags: { Environment: 'production' } };
    const rule = (effect: 'allow' | 'deny') => [
      { effect, when: { tags: { Environment: ['staging'] } } },
    ];
    expect(effectOf(rule('allow'), { resources: [staging] })).toBe('allow');
    expect(effectOf(rule('allow'), { resources: [staging, production] })).toBe('require_approval');
    expect(effectOf(rule('allow'), { resources: [staging], reachesFurther: true })).toBe(
      'require_approval',
    );
    expect(effectOf(rule('allow'), { resources: [] })).toBe('require_approval');
    expect(effectOf(rule('deny'), { resources: [staging, production] })).toBe('deny');
  });

  it('explains how each rule looks at a step', () => {
    expect(explainRules(defaultPolicy, subject({ risk: 'destructive' }))).toEqual([
      { id: 'read', effect: 'allow', fits: false, unmet: ['risk'] },
      { id: 'change', effect: 'require_approval', fits: true, unmet: [] },
      { id: 'strangers', effect: 'deny', fits: false, unmet: ['grounding'] },
      { id: 'identities', effect: 'deny', fits: false, unmet: ['services', 'grounding'] },
    ]);
  });

  it('does not fit a shell line with a rule about services', () => {
    const shell = { command: { type: 'shell', command: 'true' } } as const;
    expect(effectOf([{ effect: 'allow', when: { services: ['*'] } }], shell)).toBe(
      'require_approval',
    );
  });
});

describe('defaultPolicy', () => {
  it.each<[Partial<PolicySubject>, string]>([
    [{ risk: 'read_only' }, 'allow'],
    [{ risk: 'read_only', grounding: 'no' }, 'allow'],
    [{ risk: 'sensitive_read' }, 'require_approval'],
    [{ risk: 'mutating' }, 'require_approval'],
    [{ risk: 'mutating', grounding: 'no' }, 'require_approval'],
    [{ risk: 'destructive' }, 'require_approval'],
    [{ risk: 'destructive', grounding: 'unknown' }, 'require_approval'],
    [{ risk: 'destructive', grounding: 'no' }, 'deny'],
  ])('says to %j: %s', (part, effect) => {
    expect(decide(parsePolicy(defaultPolicy), subject(part)).effect).toBe(effect);
  });

  it('denies a change of identities that nobody asked for', () => {
    const command = { type: 'aws_cli', service: 'iam', operation: 'create-access-key' } as const;
    const ask = (grounding: 'yes' | 'no' | 'unknown') =>
      decide(defaultPolicy, subject({ command, risk: 'destructive', grounding })).effect;
    expect([ask('no'), ask('unknown'), ask('yes')]).toEqual(['deny', 'deny', 'require_approval']);
  });
});

describe('parsePolicy', () => {
  it.each([
    [null],
    [{}],
    [{ version: 2, rules: [] }],
    [{ version: 1, rules: [{ id: 'a', effect: 'permit', when: {} }] }],
    [{ version: 1, rules: [{ id: 'a', effect: 'allow', when: { risks: ['read_only'] } }] }],
    [{ version: 1, rules: [{ id: 'a', effect: 'allow', when: { services: [] } }] }],
    [{ version: 1, rules: [{ id: 'a', effect: 'allow' }] }],
    [{ version: 1, rules: [], comment: 'x' }],
    [
      {
        version: 1,
        rules: [{ id: 'a', effect: 'deny', when: { time: { from: '9', to: '17:00' } } }],
      },
    ],
    [
      {
        version: 1,
        rules: [
          {
            id: 'a',
            effect: 'deny',
            when: { time: { from: '09:00', to: '17:00', time_zone: 'Mars' } },
          },
        ],
      },
    ],
    [
      {
        version: 1,
        rules: [
          { id: 'a', effect: 'allow', when: {} },
          { id: 'a', effect: 'deny', when: {} },
        ],
      },
    ],
  ])('refuses %j', (input) => {
    expect(() => parsePolicy(input)).toThrow(expect.objectContaining({ code: 'POLICY_INVALID' }));
  });

  it('is no empty policy where the file is missing or broken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cloudops-policy-'));
    try {
      const path = join(folder, 'policy.json');
      await expect(readPolicy(path)).rejects.toMatchObject({ code: 'POLICY_INVALID' });
      await writeFile(path, '{"version":1,"rules":[');
      await expect(readPolicy(path)).rejects.toMatchObject({ code: 'POLICY_INVALID' });
      await writeFile(path, '');
      await expect(readPolicy(path)).rejects.toMatchObject({ code: 'POLICY_INVALID' });
      await writeFile(path, JSON.stringify(defaultPolicy));
      expect(await readPolicy(path)).toEqual(defaultPolicy);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
