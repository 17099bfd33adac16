import { expect, it } from 'vitest';
import { holdChunk, releaseChunk, takeChunk } from '../../../src/output/chunk-memory.ts';

it('a chunk is used again once every holder has released it, and not before', () => {
  const chunk = takeChunk();
  const part = chunk.subarray(10, 20);
  holdChunk(part);
  holdChunk(part);
  releaseChunk(chunk);
  releaseChunk(part);
  const other = takeChunk();
  expect(other.buffer).not.toBe(chunk.buffer);
  releaseChunk(part);
  expect(takeChunk().buffer).toBe(chunk.buffer);
  releaseChunk(other);
});

it('memory from elsewhere is left alone', () => {
  const foreign = Buffer.alloc(10);
  holdChunk(foreign);
  releaseChunk(foreign);
  releaseChunk(foreign);
  expect(takeChunk().buffer).not.toBe(foreign.buffer);
});
