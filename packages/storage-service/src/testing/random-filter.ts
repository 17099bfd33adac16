import type { EstateRecordInput } from '../estate-record.ts';
import type { Filter } from '../filter/filter.ts';
import { allows, resource } from './fixtures.ts';
import type { Random } from './random.ts';

const texts = [
  '',
  'a',
  'ab',
  'abc',
  'b',
  'B',
  'é',
  'e\u0301',
  'a ',
  '_',
  '😀',
  '%',
  "'",
  'a\u0000b',
  '\udbff\udfff',
  '\uffff',
] as const;
const textFields = [
  'account_id',
  'region',
  'service',
  'resource_type',
  'arn',
  'name',
  'state',
  'tags.a',
  'tags.b.c',
  'tags.constructor',
  'allowed_actions',
] as const;
const timeFields = ['first_seen', 'last_seen'] as const;

function time(random: Random): string {
  return `2026-01-0${1 + random.below(4)}T00:00:00.000Z`;
}

function maybe<T>(random: Random, value: T): T | null {
  return random.next() < 0.3 ? null : value;
}

/** A resource with values from a few, so that filters hit some and miss some. */
export function randomResource(random: Random, index: number): EstateRecordInput {
  const tags: Record<string, string> = {};
  for (const name of ['a', 'b.c', 'constructor']) {
    if (random.next() < 0.5) tags[name] = random.pick(texts);
  }
  const actions = texts.filter((text) => text !== '' && random.next() < 0.2);
  return resource(`i-${String(index).padStart(3, '0')}`, {
    region: random.pick(['a', 'ab', 'b']),
    service: random.pick(['a', 'abc']),
    resource_type: random.pick(['a', 'b']),
    arn: maybe(random, random.pick(texts)),
    name: maybe(random, random.pick(texts)),
    state: maybe(random, random.pick(texts)),
    tags: maybe(random, tags),
    permissions: maybe(random, allows(...actions)),
    first_seen: time(random),
    last_seen: time(random),
  });
}

/** A filter of at most so many levels over the fields of `randomResource`. */
export function randomFilter(random: Random, depth: number): Filter {
  const shape = depth === 0 ? 3 : random.below(6);
  if (shape === 0) return { all: filters(random, depth) };
  if (shape === 1) return { any: filters(random, depth) };
  if (shape === 2) return { not: randomFilter(random, depth - 1) };
  if (random.next() < 0.25) {
    const operand = { field: random.pick(timeFields), value: time(random) };
    return random.pick<Filter>([
      { gt: operand },
      { gte: operand },
      { lt: operand },
      { lte: operand },
    ]);
  }
  const field = random.pick(textFields);
  const value = random.pick(texts);
  return random.pick<Filter>([
    { eq: { field, value } },
    { exists: { field } },
    { prefix: { field, value } },
    { in: { field, values: [value, random.pick(texts)] } },
  ]);
}

function filters(random: Random, depth: number): Filter[] {
  return Array.from({ length: random.below(4) }, () => randomFilter(random, depth - 1));
}
