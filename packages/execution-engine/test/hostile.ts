import * as fc from 'fast-check';

/** A value that holds itself. */
function cyclic(): object {
  const value: Record<string, unknown> = { a: [] };
  value.self = { value };
  return value;
}

/** An object whose field throws when it is read, and throws something odd. */
function throwing(): object {
  return Object.defineProperty({}, 'a', {
    enumerable: true,
    get() {
      throw Symbol('odd');
    },
  });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** So deep that a recursive reader runs out of stack. Made once: nobody changes it. */
const bottomless = (() => {
  let value = {};
  for (let depth = 0; depth < 10_000; depth += 1) value = { deeper: value };
  return value;
})();

/** Small in memory, without end for who follows every path. */
export function explosive(): unknown[] {
  let value: unknown[] = [1];
  for (let depth = 0; depth < 60; depth += 1) value = [value, value];
  return value;
}

/** What no caller means, one of each kind. */
export const hostileValues: readonly (() => unknown)[] = [
  cyclic,
  throwing,
  revoked,
  () => bottomless,
  () => Array.from({ length: 3 }),
  () => Reflect.construct(Array, [4_294_967_295]),
  () => Buffer.alloc(1000),
  () => 1n,
  () => Symbol('s'),
  () => () => 'called',
  () => new Date(),
  () => new Map([['a', 1]]),
  () => Promise.resolve(),
  () => new Proxy({}, { ownKeys: () => ['a', 'a'] }),
  () => Object.create({ inherited: true }),
  () => JSON.parse('{"__proto__": {"polluted": true}}'),
  () => ({ constructor: { prototype: { polluted: true } } }),
  () => 'half \ud800',
  () => ({ '\udc00': 'x' }),
  () => 'nul \0',
  () => '',
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -1,
  () => 2 ** 53,
  () => 0.5,
  () => '1',
  () => true,
  () => [],
  () => ({}),
  () => [[[[{}]]]],
];

/** Makes one of {@link hostileValues}, or anything that fast-check can think of. */
export const hostile: fc.Arbitrary<() => unknown> = fc.oneof(
  fc.constantFrom(...hostileValues),
  fc
    .anything({ withBigInt: true, withDate: true, withMap: true, withSet: true })
    .map((value) => () => value),
);

/** Every place in a JSON value, the whole first. */
export function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...inner.flatMap(([name, item]) => placesIn(item, [...path, name]))];
}

/** A copy of a JSON value with another value at a place. */
export function withValueAt(
  value: unknown,
  [first, ...rest]: readonly (string | number)[],
  other: unknown,
): unknown {
  if (first === undefined) return other;
  if (Array.isArray(value)) {
    return value.map((item, at) => (at === first ? withValueAt(item, rest, other) : item));
  }
  return Object.fromEntries(
    Object.entries(Object(value)).map(([name, item]) => [
      name,
      name === first ? withValueAt(item, rest, other) : item,
    ]),
  );
}
