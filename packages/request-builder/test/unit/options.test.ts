import { describe, expect, it } from 'vitest';
import { optionsFromEnv } from '../../src/environment.ts';
import { inProcessTransport, publishedSchemas, RequestBuilder } from '../../src/index.ts';
import { z } from 'zod';
import { someRequest } from './playbooks.ts';

describe('optionsFromEnv', () => {
  it('takes nothing from an empty environment', () => {
    expect(optionsFromEnv({ CLOUDOPS_SERVER_URL: '' })).toEqual({
      http: null,
      builder: {},
      policyPath: null,
    });
  });

  it('reads all of its variables', () => {
    const env = {
      CLOUDOPS_SERVER_URL: 'https://planner.example',
      CLOUDOPS_SERVER_TOKEN: 't',
      CLOUDOPS_SERVER_TIMEOUT_MS: '1000',
      CLOUDOPS_SERVER_DEADLINE_MS: '5000',
      CLOUDOPS_JOURNAL_PATH: '/var/journal',
      CLOUDOPS_POLICY_PATH: '/etc/policy.json',
      CLOUDOPS_HISTORY_LIMIT: '0',
      CLOUDOPS_RESOURCE_LIMIT: '5',
      CLOUDOPS_TOKEN_BUDGET: '9000',
    };
    expect(optionsFromEnv(env)).toEqual({
      http: { url: 'https://planner.example', token: 't', timeoutMs: 1000, deadlineMs: 5000 },
      builder: {
        journalPath: '/var/journal',
        historyLimit: 0,
        resourceLimit: 5,
        tokenBudget: 9000,
      },
      policyPath: '/etc/policy.json',
    });
  });

  it('names the variable that is wrong', () => {
    expect(() => optionsFromEnv({ CLOUDOPS_TOKEN_BUDGET: 'much' })).toThrow(
      /CLOUDOPS_TOKEN_BUDGET/,
    );
  });
});

describe('the options of a builder', () => {
  const transport = { send: async () => null };
  const make = (options: object) => () => Reflect.construct(RequestBuilder, [options]) as unknown;
  const parts = { storage: {}, engine: {}, transport };

  it.each<[object, RegExp]>([
    [{ engine: {}, transport }, /storage/],
    [{ storage: {}, transport }, /engine/],
    [{ storage: {}, engine: {} }, /transport/],
    [{ ...parts, historyLimit: -1 }, /historyLimit/],
    [{ ...parts, target: { account_id: '1' } }, /target/],
    [{ ...parts, approvalKey: new Uint8Array(8) }, /approvalKey/],
    [{ ...parts, redactions: [{ kind: 'x', pattern: /x/ }] }, /redactions/],
    [{ ...parts, constraints: { max_risk: 'high' } }, /max_risk/],
  ])('are checked: %j', (options, message) => {
    expect(make(options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
    );
  });

  it('refuse a policy that does not parse', () => {
    expect(make({ ...parts, policy: {} })).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID' }),
    );
  });
});

describe('inProcessTransport', () => {
  const send = (
    plan: Parameters<typeof inProcessTransport>[0]['plan'],
    signal = new AbortController().signal,
  ) =>
    inProcessTransport({ plan }).send(someRequest(), {
      idempotencyKey: 'k',
      signal,
      onEvent: () => {},
    });

  it('shares nothing with the planner', async () => {
    const request = someRequest();
    const clarification = {
      schema: 'clarification/v1' as const,
      request_id: 'request-1',
      text: 'x',
    };
    const reply = await inProcessTransport({
      plan: async (given) => {
        given.message.text = 'changed';
        return clarification;
      },
    }).send(request, {
      idempotencyKey: 'k',
      signal: new AbortController().signal,
      onEvent: () => {},
    });
    expect(request.message.text).not.toBe('changed');
    expect(reply).toEqual(clarification);
    expect(reply).not.toBe(clarification);
  });

  it('says SERVER_PROBLEM where the planner throws, at once or later', async () => {
    const thrown = send(() => {
      throw new Error('x');
    });
    await expect(thrown).rejects.toMatchObject({ code: 'SERVER_PROBLEM' });
    await expect(send(() => Promise.reject(new Error('x')))).rejects.toMatchObject({
      code: 'SERVER_PROBLEM',
    });
  });

  it('is aborted also where the planner does not look', async () => {
    await expect(send(() => new Promise(() => {}), AbortSignal.timeout(10))).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});

describe('publishedSchemas', () => {
  it('can all be written as JSON Schema', () => {
    for (const schema of Object.values(publishedSchemas)) {
      expect(z.toJSONSchema(schema, { io: 'input' })).toHaveProperty('$schema');
    }
  });
});
