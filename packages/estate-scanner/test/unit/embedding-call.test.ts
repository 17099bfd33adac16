import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EmbeddingCall } from '../../src/embedding/embedding-call.ts';
import { VectorCache } from '../../src/embedding/vector-cache.ts';

/** A vector of one number that tells texts apart. */
const vectorOf = (text: string) => [text].map(Number);

async function answered(
  texts: string[],
  size: number,
  cache = new VectorCache(0),
): Promise<{ vectors: number[][]; asked: string[] }> {
  const call = new EmbeddingCall(texts, cache);
  const asked: string[] = [];
  for (const portion of call.portions(size)) {
    expect(portion.length).toBeLessThanOrEqual(size);
    asked.push(...portion.map(({ text }) => text));
    call.add(portion, Float32Array.from(portion.flatMap(({ text }) => vectorOf(text))), 1);
  }
  const vectors = await call.vectors();
  return { vectors: vectors.map((vector) => Array.from(vector)), asked };
}

describe('EmbeddingCall', () => {
  it('asks for every text once and answers each in its place', async () => {
    const texts = fc.array(fc.integer({ min: 0, max: 20 }).map(String), { maxLength: 60 });
    const run = async (given: string[], size: number, kept: number) => {
      const { vectors, asked } = await answered(given, size, new VectorCache(kept));
      expect(vectors).toEqual(given.map(vectorOf));
      expect(asked).toEqual([...new Set(given)]);
    };
    const sizes = fc.integer({ min: 1, max: 10 });
    await fc.assert(fc.asyncProperty(texts, sizes, fc.constantFrom(0, 100), run));
  });

  it('asks for nothing that the cache has, and yields an empty portion instead', async () => {
    const cache = new VectorCache(10);
    await answered(['1', '2', '3'], 8, cache);
    expect((await answered(['3', '4', '1'], 8, cache)).asked).toEqual(['4']);
    const portions = [...new EmbeddingCall(['1', '2', '3'], cache).portions(1)];
    expect(portions).toEqual([[], [], []]);
  });

  it('answers what was asked, whatever becomes of the array', () => {
    const texts = ['1', '2'];
    const portions = new EmbeddingCall(texts, new VectorCache(0)).portions(1);
    expect(portions.next().value).toMatchObject([{ text: '1' }]);
    texts.fill('9');
    expect(portions.next().value).toMatchObject([{ text: '2' }]);
  });

  it('hands out vectors of their own', async () => {
    const cache = new VectorCache(10);
    const call = new EmbeddingCall(['1', '1'], cache);
    for (const portion of call.portions(8)) call.add(portion, Float32Array.of(1), 1);
    const [first, second] = await call.vectors();
    first?.fill(9);
    expect(second).toEqual(Float32Array.of(1));
    expect((await answered(['1'], 8, cache)).vectors).toEqual([[1]]);
  });
});
