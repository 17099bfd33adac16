import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../src/iam/condition-keys.ts';
import { OpenQuestions } from '../../src/iam/open-questions.ts';

const denied = (...missing: string[]) => ({ plain: 'denied', missing }) as const;
const about = { region: 'eu-west-1', tags: { team: 'web', Stage: 'prod' } };

describe('verdictOn', () => {
  it('is final where nothing was missing', () => {
    expect(verdictOn({ plain: 'allowed', missing: [] }, {})).toEqual({ decision: 'allowed' });
  });

  it('asks again with the region and the tags of the resource, whatever their case', () => {
    const missing = ['aws:RequestedRegion', 'aws:ResourceTag/stage', 'ec2:ResourceTag/team'];
    expect(verdictOn(denied(...missing), about)).toEqual({
      askWith: [
        ['aws:RequestedRegion', 'eu-west-1'],
        ['aws:ResourceTag/stage', 'prod'],
        ['ec2:ResourceTag/team', 'web'],
      ],
    });
  });

  it('is final where the resource is known not to have the tag', () => {
    expect(verdictOn(denied('aws:ResourceTag/owner'), about)).toEqual({ decision: 'denied' });
    expect(verdictOn(denied('aws:ResourceTag/toString'), about)).toEqual({ decision: 'denied' });
  });

  it.each([
    ['a key of the request', 'aws:MultiFactorAuthPresent', about],
    ['a tag where tags are unknown', 'aws:ResourceTag/team', { tags: null }],
    ['a region where there is none', 'aws:RequestedRegion', { tags: {} }],
  ])('stays conditional for %s', (_what, key, resource) => {
    expect(verdictOn(denied(key), resource)).toEqual({ decision: 'conditional' });
  });
});

describe('OpenQuestions', () => {
  it('puts what the same values may settle into one group', () => {
    const open = new OpenQuestions();
    const ids = ['arn-1', 'arn-2'].map((arn) => open.add('a:b', 'a:Do', arn, [['k', 'v']]));
    open.add('a:b', 'a:Do', 'arn-3', [['k', 'w']]);
    expect(new Set(ids).size).toBe(1);
    expect(open.groups().map(([, { arns }]) => arns)).toEqual([['arn-1', 'arn-2'], ['arn-3']]);
  });

  it('does not ask once for every resource where each has a value of its own', () => {
    const open = new OpenQuestions();
    const ids = Array.from({ length: 100 }, (_, i) =>
      open.add('a:b', 'a:Do', 'x', [['k', `${i}`]]),
    );
    expect(ids.filter((id) => id === null)).toHaveLength(80);
    expect(open.groups()).toHaveLength(20);
  });
});
