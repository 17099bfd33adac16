import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { MiniLmEmbedder } from '../../src/embedding/minilm.ts';
import { ScanError } from '../../src/errors.ts';

const embedder = new MiniLmEmbedder({ cacheSize: 0 });
afterAll(() => embedder.close());

function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a === undefined || b === undefined) throw new Error('a vector is missing');
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
}

function sentences(count: number, label = ''): string[] {
  return Array.from({ length: count }, (_, i) => `${label} web server number ${i} of the checkout`);
}

/** Resolves with the next worker thread that this process starts. */
function nextWorker(): Promise<Worker> {
  return new Promise((resolve, reject) => {
    process.once('worker', (worker: unknown) => {
      if (worker instanceof Worker) resolve(worker);
      else reject(new Error('not a worker'));
    });
  });
}

describe('MiniLmEmbedder with the real model', () => {
  it('gives the scores of the model card within 0.05', async () => {
    const [happy, dog, very, sunny] = await embedder.embed([
      'That is a happy person',
      'That is a happy dog',
      'That is a very happy person',
      'Today is a sunny day',
    ]);
    expect(Math.abs(cosine(happy, dog) - 0.6946)).toBeLessThan(0.05);
    expect(Math.abs(cosine(happy, very) - 0.9429)).toBeLessThan(0.05);
    expect(Math.abs(cosine(happy, sunny) - 0.2568)).toBeLessThan(0.05);
  });

  it('gives one normalised vector of 384 numbers per text, in the order of the texts', async () => {
    const animals = ['cat', 'database', 'a very long sentence about the weather in the mountains'];
    const texts = Array.from({ length: 210 }, (_, i) => `${animals[i % 3]} ${'.'.repeat(i % 7)}`);
    const vectors = await embedder.embed(texts);
    expect(vectors).toHaveLength(texts.length);
    const alone = await Promise.all(animals.map((text) => embedder.embed([text])));
    for (const [index, vector] of vectors.entries()) {
      expect(vector).toHaveLength(384);
      expect(cosine(vector, vector)).toBeCloseTo(1, 4);
      const scores = alone.map(([other]) => cosine(vector, other));
      expect(scores.indexOf(Math.max(...scores))).toBe(index % 3);
    }
  });

  it('gives a text the same vector whatever is beside it, and on whichever thread', async () => {
    const texts = ['database', ...sentences(99), 'a bucket for the nightly backup of everything'];
    const together = await embedder.embed(texts);
    const reversed = await embedder.embed(texts.toReversed());
    expect(reversed.toReversed()).toEqual(together);
    for (const index of [0, 50, 100]) {
      expect(await embedder.embed(texts.slice(index, index + 1))).toEqual([together[index]]);
    }
  });

  it('starts its second thread when there are many texts', async () => {
    await using own = new MiniLmEmbedder({ threads: 2 });
    let started = 0;
    const note = () => (started += 1);
    process.on('worker', note);
    await Promise.all([own.embed(['a query']), own.embed(['another query'])]);
    expect(started).toBe(1);
    await own.embed(sentences(100));
    process.off('worker', note);
    expect(started).toBe(2);
  });

  it('answers no texts with no vectors', async () => {
    expect(await embedder.embed([])).toEqual([]);
  });

  it('takes empty, huge, broken and foreign texts', async () => {
    const texts = [
      '',
      ' '.repeat(1_000_000),
      'x'.repeat(1_000_000),
      'lone \ud800',
      '🙂',
      '\u0000',
      '数据库',
    ];
    const vectors = await embedder.embed(texts);
    for (const vector of vectors) expect(cosine(vector, vector)).toBeCloseTo(1, 4);
  });

  it('reads the beginning of a text that is longer than the model takes', async () => {
    const [long, short] = await embedder.embed([
      `database of the checkout. ${'mountains and rivers. '.repeat(50_000)}`,
      `database of the checkout. ${'mountains and rivers. '.repeat(200)}`,
    ]);
    expect(cosine(long, short)).toBeGreaterThan(0.98);
  });

  it('computes equal texts once and hands each caller a vector of its own', async () => {
    const own = new MiniLmEmbedder();
    const [first, second] = await own.embed(['same', 'same']);
    expect(first).toEqual(second);
    first?.fill(0);
    const [third] = await own.embed(['same']);
    expect(third).toEqual(second);
    await own.close();
  });

  it('answers a text that it knows without the worker', async () => {
    const own = new MiniLmEmbedder();
    const started = nextWorker();
    const [first] = await own.embed(['known']);
    await (await started).terminate();
    let startedAgain = false;
    const note = () => (startedAgain = true);
    process.on('worker', note);
    expect(await own.embed(['known', 'known'])).toEqual([first, first]);
    process.off('worker', note);
    expect(startedAgain).toBe(false);
    await own.close();
  });

  it('serves two callers at once, each with its own answers', async () => {
    const [cats, servers] = await Promise.all([
      embedder.embed(Array.from({ length: 120 }, (_, i) => `a cat that sleeps, number ${i}`)),
      embedder.embed(Array.from({ length: 120 }, (_, i) => `a database server, number ${i}`)),
    ]);
    const [cat, server] = await embedder.embed(['a cat that sleeps', 'a database server']);
    for (const vector of cats) expect(cosine(vector, cat)).toBeGreaterThan(cosine(vector, server));
    for (const vector of servers) {
      expect(cosine(vector, server)).toBeGreaterThan(cosine(vector, cat));
    }
  });

  it('rejects with ABORTED when the signal aborts, and goes on to serve others', async () => {
    const controller = new AbortController();
    const work = embedder.embed(sentences(3_000), { signal: controller.signal });
    const other = embedder.embed(['a caller that did not abort']);
    setTimeout(() => controller.abort(new Error('the user left')), 50);
    await expect(work).rejects.toMatchObject({
      code: 'ABORTED',
      cause: { message: 'the user left' },
    });
    expect(await other).toHaveLength(1);
    expect(await embedder.embed(['afterwards'])).toHaveLength(1);
    await expect(embedder.embed(['x'], { signal: controller.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('rejects as retryable when its worker crashes, and starts a new one at the next call', async () => {
    const own = new MiniLmEmbedder();
    const started = nextWorker();
    const pending = [own.embed(sentences(500, 'one')), own.embed(sentences(500, 'two'))];
    // A message the worker does not expect: it throws there, outside every handler.
    (await started).postMessage(null, []);
    for (const outcome of await Promise.allSettled(pending)) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { code: 'EMBEDDER_FAILED', retryable: true },
      });
    }
    expect(await own.embed(['afterwards'])).toHaveLength(1);
    await own.close();
  });

  it('refuses what is not a string, before anything runs', async () => {
    const texts: string[] = JSON.parse('["fine", 5]');
    const error: unknown = await embedder.embed(texts).catch((error: unknown) => error);
    expect(ScanError.is(error) && error.code).toBe('INVALID_OPTIONS');
    expect(error).toHaveProperty('message', 'texts[1] is not a string.');
    const text = JSON.parse('"no array"');
    await expect(embedder.embed(text)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  it('refuses bad options with their path', () => {
    expect(() => new MiniLmEmbedder({ threads: 0 })).toThrow(/threads/u);
  });

  it('rejects with CLOSED what is not finished at close(), and everything after it', async () => {
    const own = new MiniLmEmbedder();
    const work = own.embed(sentences(2_000));
    const [outcome] = await Promise.allSettled([work, own.close()]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
    await expect(own.embed(['x'])).rejects.toMatchObject({ code: 'CLOSED' });
    await own.close();
  });

  it('says where the model is missing', async () => {
    const own = new MiniLmEmbedder({ modelsFolder: '/nonexistent' });
    await expect(own.embed(['x'])).rejects.toMatchObject({ code: 'EMBEDDER_UNAVAILABLE' });
    await own.close();
  });
});
