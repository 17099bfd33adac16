import { describe, expect, it } from 'vitest';
import type { DeclaredResource } from '../../src/declarative/declaration.ts';
import { idOf, toDiscovered } from '../../src/declarative/found.ts';
import { projectionOf } from '../../src/declarative/query.ts';
import { defineServiceScanner } from '../../src/service-scanner.ts';
import { collect } from '../support/collect.ts';
import { refusal, stubContext } from '../support/stub-context.ts';

const queue: DeclaredResource = {
  type: 'sqs:queue',
  words: 'queue',
  through: [{ call: 'sqs list-queues', items: 'QueueUrls', as: 'QueueUrl' }],
  read: { call: 'sqs get-queue-attributes', items: '[Attributes]' },
  arn: 'QueueArn',
};
const place = { account_id: '123456789012', partition: 'aws-cn', region: 'global' };
const declare = (...resources: DeclaredResource[]) =>
  defineServiceScanner({ service: 'sqs', requiredPermissions: [], resources });
const urls = (...values: string[]) => ({ 'list-queues': values.map((value) => ({ value })) });
const arnOf = (url: string) => `arn:aws:sqs:eu-west-1:123456789012:${url}`;

describe('a declared scanner', () => {
  it('follows its calls, and goes on where one thing is refused or gone', async () => {
    const { context, failures } = stubContext({
      lists: urls('a', 'b', 'c', 'd'),
      aws: (_operation, { QueueUrl }) => {
        if (QueueUrl === 'b') throw refusal('AccessDenied');
        if (QueueUrl === 'c') throw refusal('QueueDoesNotExist', 'not_found');
        return [{ arn: arnOf(JSON.stringify(QueueUrl).replaceAll('"', '')) }];
      },
    });
    const found = await collect(declare(queue).scan(context));
    expect(found.map(({ id }) => id).sort()).toEqual(['a', 'd']);
    // One that is refused is told: the scope is not complete, and nothing is taken for missing.
    expect(failures.map(({ code }) => code)).toEqual(['AccessDenied']);
  });

  it('hands several names to a call that takes them', async () => {
    const asked: unknown[] = [];
    const { context } = stubContext({
      lists: urls('a', 'b', 'c', 'd', 'e'),
      aws: (_operation, { names }) => {
        asked.push(names);
        return [];
      },
    });
    const step = { call: 'sqs list-queues', items: 'QueueUrls', as: 'names', atOnce: 2 };
    await collect(declare({ ...queue, through: [step] }).scan(context));
    expect(asked).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('calls nothing for types that a refresh does not want', async () => {
    const { context, calls } = stubContext({ wanted: {} });
    await collect(declare(queue).scan(context));
    expect(calls).toEqual([]);
  });

  it('leaves other faults to the scan', async () => {
    const { context } = stubContext({
      lists: urls('a'),
      aws: () => {
        throw new TypeError('broken');
      },
    });
    await expect(collect(declare(queue).scan(context))).rejects.toThrow('broken');
  });

  it.each<unknown>([[], null, [null], 'queues'])(
    'is refused with %j for resources',
    (resources) => {
      const declaration = Object({ service: 'sqs', requiredPermissions: [], resources });
      expect(() => defineServiceScanner(declaration)).toThrow(
        expect.objectContaining({ code: 'INVALID_SCANNER' }),
      );
    },
  );

  it('names the field that it does not know, and those that it does', () => {
    const declared: DeclaredResource = Object({ ...queue, tag: 'Tags' });
    expect(() => declare(declared)).toThrow(/sqs:queue: "tag" is no field .* tags,/u);
  });

  it('tells of items of which its expressions say nothing, behind all that it finds', async () => {
    const topic: DeclaredResource = {
      type: 'sns:topic',
      list: { call: 'sns list-topics', items: 'Topics' },
      arn: 'Arn',
    };
    const { context } = stubContext({
      lists: { 'list-topics': [{ arn: null }, { arn: arnOf('t') }], ...urls('a') },
      aws: () => [{ arn: arnOf('a') }],
    });
    const found: string[] = [];
    const scanning = async () => {
      for await (const { id } of declare(topic, queue).scan(context)) found.push(id);
    };
    await expect(scanning()).rejects.toThrow(
      'sns:topic: 1 items have neither an ARN nor an id at Arn',
    );
    expect(found).toEqual(['t', 'a']);
  });

  it('tells of a step that finds what is no name', async () => {
    const { context } = stubContext({ lists: { 'list-queues': [{ value: { Url: 'a' } }] } });
    await expect(collect(declare(queue).scan(context))).rejects.toThrow(
      'items of "sqs list-queues" must be texts, since each becomes QueueUrl; there is object',
    );
  });

  it.each([
    ['both of list and read', { list: { call: 'sqs list-queues', items: 'x' } }],
    ['neither', { read: undefined }],
    ['no operation', { read: { call: 'sqs', items: 'x' } }],
    ['an option for an operation', { read: { call: 'sqs --debug', items: 'x' } }],
    ['no items', { read: { call: 'sqs list-queues', items: ' ' } }],
    ['no ARN', { arn: '' }],
    ['two ways to an ARN', { arnFormat: 'arn:{id}' }],
    ['a portion of nothing', { through: [{ call: 'a b', items: 'x', as: 'y', atOnce: 0 }] }],
    ['a step without a parameter', { through: [{ call: 'a b', items: 'x' }] }],
    ['an unknown part of an ARN', { arn: undefined, id: 'x', arnFormat: 'arn:{account_id}:{id}' }],
    ['a field with a typing error', { attribute: { size: 'Size' } }],
    ['a number for an expression', { attributes: { size: 5 } }],
    ['a type that is none', { type: 'queue' }],
  ])('is refused with %s', (_what, wrong) => {
    const declared: DeclaredResource = JSON.parse(JSON.stringify({ ...queue, ...wrong }));
    expect(() => declare(declared)).toThrow(expect.objectContaining({ code: 'INVALID_SCANNER' }));
  });
});

describe('projectionOf', () => {
  it('leaves only what is declared, whatever the names of attributes are', () => {
    const declared = { ...queue, attributes: { 'a-b "c"': 'X' }, relations: [] };
    expect(projectionOf('Queues', declared)).toContain(
      String.raw`(Queues | [].{arn: QueueArn, attributes: {"a-b \"c\"": X}})`,
    );
  });
});

describe('toDiscovered', () => {
  it('tells unknown from none', () => {
    const declared = { ...queue, attributes: { size: 'Size' } };
    const item = { arn: arnOf('a'), attributes: {} };
    expect(toDiscovered(declared, item, place, null)).toMatchObject({
      tags: null,
      attributes: { size: null },
      name: 'a',
    });
    expect(toDiscovered({ ...declared, tags: 'Tags' }, item, place, null)).toMatchObject({
      tags: {},
    });
  });

  it('reads tags as a list, as a map, and with a name that is no plain property', () => {
    const declared = { ...queue, tags: 'Tags' };
    const list: unknown = JSON.parse('[{"Key":"__proto__","Value":"x"}]');
    for (const tags of [list, JSON.parse('{"__proto__":"x"}')]) {
      const found = toDiscovered(declared, { arn: arnOf('a'), tags }, place, null);
      expect(Object.entries(found?.tags ?? {})).toEqual([['__proto__', 'x']]);
    }
  });

  it('makes edges of one text, of many, and of none', () => {
    const declared: DeclaredResource = {
      ...queue,
      relations: [
        { type: 'in_subnet', resource_type: 'ec2:subnet', id: 'Subnets' },
        { type: 'encrypted_by', target: 'Key' },
        { type: 'runs_as', target: 'Role' },
      ],
    };
    const item = { arn: arnOf('a'), relations: [['s-1', 's-2'], 'key', null] };
    expect(toDiscovered(declared, item, place, null)?.relations).toEqual([
      { type: 'in_subnet', resource_type: 'ec2:subnet', id: 's-1' },
      { type: 'in_subnet', resource_type: 'ec2:subnet', id: 's-2' },
      { type: 'encrypted_by', target: 'key' },
    ]);
  });

  it('makes the ARN of an id where the service tells none', () => {
    const { arn: _arn, ...rest } = queue;
    const arnFormat = 'arn:{partition}:x::{account}:zone/{id}/{other}';
    const declared: DeclaredResource = { ...rest, arnFormat, id: 'Id', idPrefix: '/zone/' };
    expect(toDiscovered(declared, { id: '/zone/{account}$&' }, place, null)).toMatchObject({
      id: '{account}$&',
      arn: 'arn:aws-cn:x::123456789012:zone/{account}$&/{other}',
    });
  });

  it('says nothing about what has neither an ARN nor an id', () => {
    expect(toDiscovered(queue, { arn: null }, place, null)).toBeNull();
  });
});

describe('idOf', () => {
  it.each([
    ['arn:aws:sqs:r:1:orders', 'orders'],
    ['arn:aws:dynamodb:r:1:table/carts', 'carts'],
    ['arn:aws:ecs:r:1:service/web/shop', 'web/shop'],
    ['arn:aws:cloudwatch:r:1:alarm:a:b', 'a:b'],
    ['arn:aws:route53:::hostedzone/Z1', 'Z1'],
  ])('%s is %s', (arn, id) => {
    expect(idOf(arn)).toBe(id);
  });
});
