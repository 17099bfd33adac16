import * as fc from 'fast-check';
import { Clarification, Playbook } from 'cloudops-request-builder/protocol';
import { expect, it } from 'vitest';
import { estate, requestOf } from '../../estate.ts';
import { answer } from '../../planning.ts';

const WORDS =
  'stop start reboot list describe tag turn off the idle staging production web api servers databases buckets functions vpc in not except and or but of eu-west-1 us-east-1 checkout owner=me tagged named "checkout-web-prod-01" catalog-web-* running stopped non-web tomorrow two purple without everything , .'.split(
    ' ',
  );

const sentence = fc.oneof(
  fc
    .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 14 })
    .map((words) => words.join(' ')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
);

it('answers any sentence within the protocol, and touches nothing but what its steps name', async () => {
  await fc.assert(
    fc.asyncProperty(sentence, async (text) => {
      const request = requestOf(text);
      const reply = await answer(request);
      if (reply.schema === 'clarification/v1') {
        Clarification.parse(reply);
        return;
      }
      const { steps } = Playbook.parse(reply);
      for (const { command, resources } of steps) {
        const named = request.resources.filter(({ ref }) => resources?.includes(ref));
        const own = new Set(named.map(({ arn }) => arn?.split(/[:/]/).at(-1)));
        const text = JSON.stringify(command);
        const strangers = request.resources.filter(({ arn }) => {
          const id = arn?.split(/[:/]/).at(-1);
          return !own.has(id) && text.includes(`"${id}"`);
        });
        expect(named.length).toBeGreaterThan(0);
        expect(strangers).toEqual([]);
      }
    }),
    { numRuns: 3000 },
  );
});

it('never does more because something is excluded', async () => {
  const exclusion = fc.constantFrom(
    'production',
    'checkout',
    'eu-west-1',
    'web',
    'databases',
    'idle',
  );
  const noun = fc.constantFrom(
    'servers',
    'databases',
    'staging servers',
    'web servers in us-east-1',
  );
  const verb = fc.constantFrom('stop', 'list', 'reboot');
  const refsOf = async (text: string) => {
    const reply = await answer(requestOf(text, estate));
    if (reply.schema === 'clarification/v1') return null;
    return new Set(reply.steps.flatMap(({ resources }) => resources ?? []));
  };
  await fc.assert(
    fc.asyncProperty(verb, noun, exclusion, async (verb, noun, out) => {
      const all = await refsOf(`${verb} the ${noun}`);
      const fewer = await refsOf(`${verb} the ${noun} except ${out}`);
      if (all === null || fewer === null) return;
      expect([...fewer].filter((ref) => !all.has(ref))).toEqual([]);
    }),
  );
});
