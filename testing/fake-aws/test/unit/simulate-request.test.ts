import { describe, expect, it } from 'vitest';
import { markerFor, readSimulateRequest } from '../../src/iam/simulate-request.ts';

const basic = {
  PolicySourceArn: 'arn:aws:iam::1:user/a',
  'ActionNames.member.1': 'ec2:StopInstances',
};
const read = (more: Record<string, string> = {}) =>
  readSimulateRequest(new URLSearchParams({ ...basic, ...more }));

describe('readSimulateRequest', () => {
  it('reads lists, context and page', () => {
    const request = read({
      'ActionNames.member.2': 'ec2:*',
      'ResourceArns.member.1': 'arn:aws:s3:::b',
      'ContextEntries.member.1.ContextKeyName': 'aws:ResourceTag/a',
      'ContextEntries.member.1.ContextKeyValues.member.1': 'x',
      'ContextEntries.member.1.ContextKeyType': 'string',
      'ContextEntries.member.2.ContextKeyName': 'aws:TagKeys',
      'ContextEntries.member.2.ContextKeyValues.member.1': 'x',
      'ContextEntries.member.2.ContextKeyValues.member.2': 'y',
      'ContextEntries.member.2.ContextKeyType': 'stringList',
      MaxItems: '5',
      Marker: markerFor(10),
    });
    expect(request).toMatchObject({
      actions: ['ec2:StopInstances', 'ec2:*'],
      resources: ['arn:aws:s3:::b'],
      context: { 'aws:ResourceTag/a': 'x', 'aws:TagKeys': ['x', 'y'] },
      maxItems: 5,
      offset: 10,
    });
  });

  it('asks about everything where no resource is named, a hundred at a time', () => {
    expect(read()).toMatchObject({ resources: ['*'], maxItems: 100, offset: 0 });
  });

  it.each<[string, Record<string, string>]>([
    ['ValidationError', { MaxItems: '0' }],
    ['ValidationError', { MaxItems: '1001' }],
    ['ValidationError', { MaxItems: 'many' }],
    ['InvalidInput', { Marker: 'nonsense' }],
    ['InvalidInput', { 'ActionNames.member.1': 'Stop Instances' }],
    ['InvalidInput', { 'PolicyInputList.member.1': '{' }],
  ])('refuses with %s %j', (code, more) => {
    expect(() => read(more)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses more than a thousand pairs', () => {
    const arns = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`ResourceArns.member.${at + 1}`, `arn:${at}`]),
      );
    expect(read(arns(1000)).resources).toHaveLength(1000);
    expect(() => read(arns(1001))).toThrow(expect.objectContaining({ code: 'InvalidInput' }));
  });
});
