import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitToBudget } from '../../src/context/budget.ts';
import type { ResourceForms } from '../../src/context/choose.ts';
import { estimatingCounter } from '../../src/context/tokens.ts';
import { PlaybookRequest, type ContextResource, type HistoryMessage } from '../../src/protocol.ts';
import { someRequest } from './playbooks.ts';

function resource(index: number, size: number): ContextResource {
  return {
    ref: `r${index}`,
    type: 'ec2:instance',
    score: 1 / (index + 1),
    fields: { name: 'x '.repeat(size) },
    trust: 'untrusted',
  };
}

/** Resources that are as small as they get. */
function only(resources: readonly ContextResource[]): ResourceForms[] {
  return resources.map((full) => ({ full, brief: full, isNamed: false, isRelated: false }));
}

function said(role: HistoryMessage['role'], index: number, size = 10): HistoryMessage {
  return { id: `m${index}`, role, text: 'word '.repeat(size), created_at: '2026-01-31T09:00:00Z' };
}

const { resources: _resources, history: _history, ...frame } = someRequest();

function tokensOf(request: PlaybookRequest): number {
  return estimatingCounter.count(JSON.stringify(request));
}

describe('fitToBudget', () => {
  it('keeps everything that fits', () => {
    const resources = [resource(1, 10), resource(2, 10)];
    const history = [said('user', 1), said('assistant', 2)];
    const request = fitToBudget(
      frame,
      { resources: only(resources), history },
      5000,
      estimatingCounter,
    );
    expect(request).toMatchObject({ resources, history });
    expect(request.metadata.dropped).toEqual({});
  });

  it('drops the worst resources first and counts them', () => {
    const resources = Array.from({ length: 100 }, (_, index) => resource(index, 50));
    const request = fitToBudget(
      frame,
      { resources: only(resources), history: [] },
      3000,
      estimatingCounter,
    );
    expect(request.resources.length).toBeGreaterThan(10);
    expect(request.resources).toEqual(resources.slice(0, request.resources.length));
    expect(request.metadata.dropped).toEqual({ budget: 100 - request.resources.length });
  });

  it('passes over one that is too large', () => {
    const resources = [resource(1, 10), resource(2, 100_000), resource(3, 10)];
    const request = fitToBudget(
      frame,
      { resources: only(resources), history: [] },
      3000,
      estimatingCounter,
    );
    expect(request.resources.map(({ ref }) => ref)).toEqual(['r1', 'r3']);
  });

  it('cuts history between turns, the oldest first, and never leaves an outcome without its question', () => {
    const history = [
      said('execution', 0),
      ...Array.from({ length: 30 }, (_, turn) => [
        said('user', turn * 3 + 1, 20),
        said('assistant', turn * 3 + 2, 20),
        said('execution', turn * 3 + 3, 20),
      ]).flat(),
    ];
    const request = fitToBudget(frame, { resources: [], history }, 2500, estimatingCounter);
    expect(request.history.length).toBeGreaterThan(3);
    expect(request.history.length % 3).toBe(0);
    expect(request.history[0]?.role).toBe('user');
    expect(request.history.at(-1)).toEqual(history.at(-1));
    expect(request.metadata.dropped).toEqual({
      history: 90 - request.history.length,
      history_partial_turn: 1,
    });
  });

  it('refuses a message that does not fit by itself', () => {
    const large = { ...frame, message: { text: 'word '.repeat(5000) } };
    expect(() =>
      fitToBudget(large, { resources: [], history: [] }, 2000, estimatingCounter),
    ).toThrow(expect.objectContaining({ code: 'OVER_BUDGET' }));
  });

  it('is never above the budget, whatever comes, and says what it used', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 40 }),
        fc.array(fc.tuple(fc.constantFrom('user', 'assistant', 'execution'), text), {
          maxLength: 20,
        }),
        fc.integer({ min: 800, max: 6000 }),
        (names, messages, limit) => {
          const candidates = {
            resources: names.map((name, index) => {
              const brief = { ...resource(index, 1), type: `t:${index % 3}`, fields: { name } };
              const fields = { name, attributes: { name: name.repeat(index % 5) } };
              return {
                full: { ...brief, fields },
                brief,
                isNamed: index % 7 === 3,
                isRelated: false,
              };
            }),
            history: messages.map(([role, words], index) => ({
              ...said(role === 'user' || role === 'assistant' ? role : 'execution', index),
              text: words,
            })),
          };
          const request = fitToBudget(frame, candidates, limit, estimatingCounter);
          expect(tokensOf(request)).toBeLessThanOrEqual(limit);
          expect(request.metadata.budget.used).toBeLessThanOrEqual(limit);
          expect(request.metadata.budget.used).toBeGreaterThanOrEqual(tokensOf(request));
          const dropped = Object.values(request.metadata.dropped).reduce((a, b) => a + b, 0);
          expect(request.resources.length + request.history.length + dropped).toBe(
            names.length + messages.length,
          );
          expect(PlaybookRequest.safeParse(request).success).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('stays below the budget with a counter that is not additive', () => {
    const counter = { count: (words: string) => Math.ceil(words.length ** 1.1 / 4) };
    const resources = Array.from({ length: 100 }, (_, index) => resource(index, 20));
    const request = fitToBudget(
      frame,
      { resources: only(resources), history: [said('user', 1)] },
      4000,
      counter,
    );
    expect(counter.count(JSON.stringify(request))).toBeLessThanOrEqual(4000);
  });
});
