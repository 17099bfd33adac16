import * as fc from 'fast-check';
import { RequestError } from '../../src/errors.ts';
import { contextDigest } from '../../src/protocol.ts';
import { parseReply } from '../../src/server/reply.ts';
import { now, someRequest, somePlaybook } from '../unit/playbooks.ts';

const request = someRequest();
const words = fc.constantFrom(
  '',
  's1',
  's2',
  '__proto__',
  'constructor',
  'steps.s1.outputs.state',
  'parameters.x',
  '$ref',
  'i-0$(id)',
  'file:///etc/passwd',
  '--profile',
  '\u202e',
  '\ud800',
  'sha256:0',
  '(a+)+$',
  'aws_cli',
  'shell',
  'arn:aws:s3:::x',
  '222233334444',
  'us-east-1',
  'never',
);
const odd: fc.Arbitrary<unknown> = fc.oneof(
  words,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, -1, 0, 1e308, Number.MAX_SAFE_INTEGER + 1, true, [], {}, '9'.repeat(400)),
  fc.record({ $ref: words }),
  fc.constant(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`k${n}`, n]))),
);

/** A playbook that is right apart from what was done to it: up to four of its values, anywhere, replaced, removed, doubled or added to. */
export const damagedPlaybook: fc.Arbitrary<unknown> = fc
  .array(
    fc.record({
      at: fc.nat(),
      how: fc.constantFrom('replace', 'remove', 'add', 'double'),
      value: odd,
      name: words,
    }),
    { maxLength: 4 },
  )
  .map((damages) => {
    const playbook: unknown = JSON.parse(
      JSON.stringify(
        somePlaybook({ parameters: { x: { type: 'string', pattern: 'a+' } }, rollbacks: {} }),
      ),
    );
    // The values are shared with other runs.
    for (const damage of damages) inflict(playbook, structuredClone(damage));
    return playbook;
  });

interface Damage {
  at: number;
  how: string;
  value: unknown;
  name: string;
}

function inflict(document: unknown, { at, how, value, name }: Damage): void {
  const places: { holder: object; key: string }[] = [];
  const visit = (holder: unknown): void => {
    if (typeof holder !== 'object' || holder === null) return;
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      visit(Reflect.get(holder, key));
    }
  };
  visit(document);
  const place = places[at % places.length];
  if (place === undefined) return;
  const { holder, key } = place;
  if (how === 'remove') Reflect.deleteProperty(holder, key);
  else if (how === 'replace') Reflect.set(holder, key, value);
  else if (how === 'double' && Array.isArray(holder))
    holder.push(structuredClone(Reflect.get(holder, key)));
  else
    Object.defineProperty(holder, Array.isArray(holder) ? holder.length : name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

/** Reads a reply: true for one that is accepted, false for one that is refused as it should be; anything else is thrown on. */
export function isAccepted(document: unknown): boolean {
  try {
    parseReply(document, request, now);
    return true;
  } catch (error) {
    if (RequestError.is(error) && error.code !== 'INVALID_INPUT') return false;
    throw error;
  }
}

/** What nobody meant to be a playbook, but names itself one. */
export const anyDocument: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(words, odd).map((parts) =>
    Object.assign(
      {
        schema: 'playbook/v1',
        request_id: request.request_id,
        context_digest: contextDigest(request),
      },
      parts,
    ),
  ),
  fc
    .dictionary(words, odd)
    .map((parts) => Object.assign({}, parts, { schema: 'clarification/v1' })),
);
