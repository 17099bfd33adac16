import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inProcessTransport, RequestBuilder } from '../../src/index.ts';
import type { Clarification, PlaybookRequest } from '../../src/protocol.ts';
import {
  ACCOUNT,
  playbookFor,
  printStep,
  refusal,
  REGION,
  startWorld,
  type World,
} from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
});

const questions = [
  { id: 'which', text: 'Which environment?', choices: ['staging', 'production'] },
  { id: 'why', text: 'Why?' },
];

/** A server that wants to know more unless the message says "staging". */
function curious(requests: PlaybookRequest[]) {
  return new RequestBuilder({
    storage: world.storage,
    engine: world.engine,
    target: { partition: 'aws', account_id: ACCOUNT, regions: [REGION] },
    transport: inProcessTransport({
      plan: async (request) => {
        requests.push(request);
        if (request.message.text.includes('staging')) {
          return playbookFor(request, { steps: [printStep('s1', 'done')] });
        }
        const clarification: Clarification = {
          schema: 'clarification/v1',
          request_id: request.request_id,
          text: 'That is not clear.',
          questions: request.message.text.includes('plain') ? null : questions,
        };
        return clarification;
      },
    }),
  });
}

describe('a conversation', () => {
  it('takes a question back and forth, with all that was said as history', async () => {
    const requests: PlaybookRequest[] = [];
    const conversation = curious(requests).conversation('talk-1');
    const first = await conversation.ask('stop the machines');
    expect(first.kind).toBe('clarification');
    expect(conversation.clarification?.questions).toHaveLength(2);

    const second = await conversation.answer({ which: 'staging', why: 'they are idle' });
    expect(second).toMatchObject({ kind: 'outcome', outcome: { status: 'completed' } });
    expect(conversation.clarification).toBeNull();
    expect(requests[1]?.message.text).toBe('Which environment? staging\nWhy? they are idle');
    expect(requests[1]?.history.map(({ role }) => role)).toEqual(['user', 'assistant']);

    await conversation.ask('and now the staging database');
    expect(requests[2]?.history).toHaveLength(5);
  });

  it('takes plain text for an answer, and another question instead of one', async () => {
    const requests: PlaybookRequest[] = [];
    const conversation = curious(requests).conversation('talk-2');
    await conversation.ask('a plain question');
    expect((await refusal(conversation.answer({ which: 'staging' }))).code).toBe('INVALID_INPUT');
    await conversation.answer('staging, please');
    expect(requests[1]?.message.text).toBe('staging, please');
    await conversation.ask('stop the machines');
    await conversation.ask('look at staging');
    expect(conversation.clarification).toBeNull();
  });

  it.each<[string, Record<string, string>, string]>([
    ['a question without an answer', { which: 'staging' }, 'no answer to why'],
    ['an answer that is no choice', { which: 'moon', why: 'x' }, 'which: expected one of staging'],
    ['an answer to no question', { which: 'staging', why: 'x', who: 'me' }, 'did not ask who'],
    ['a name that objects have', { which: 'staging', constructor: 'x' }, 'did not ask constructor'],
  ])('refuses %s, and sends nothing', async (_name, answers, message) => {
    const requests: PlaybookRequest[] = [];
    const conversation = curious(requests).conversation('talk-3');
    await conversation.ask('stop the machines');
    await expect(conversation.answer(answers)).rejects.toThrow(message);
    expect(requests).toHaveLength(1);
  });

  it('refuses an answer where nothing was asked, and an id that is none', async () => {
    const builder = curious([]);
    expect((await refusal(builder.conversation('talk-4').answer('yes'))).code).toBe(
      'INVALID_INPUT',
    );
    expect(() => builder.conversation('')).toThrow('1 to 200 characters');
  });

  it('asks one after the other, whoever comes first', async () => {
    const requests: PlaybookRequest[] = [];
    const conversation = curious(requests).conversation('talk-5');
    await Promise.all(['one', 'two', 'three'].map((word) => conversation.ask(`staging ${word}`)));
    expect(requests.map(({ history }) => history.length)).toEqual([0, 3, 6]);
  });
});
