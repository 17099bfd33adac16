import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiniLmEmbedder } from '../../src/embedding/minilm.ts';
import { MINILM, modelsFolder } from '../../src/embedding/model.ts';

let folder: string;

/** The same weights under another name: no other model can be had offline. */
async function copyModel(name: string, hidden_size: number): Promise<string> {
  const source = join(modelsFolder(), MINILM.name);
  const path = join(folder, name);
  await cp(source, path, { recursive: true, filter: (file) => !file.endsWith('onnx') });
  await symlink(join(source, 'onnx'), join(path, 'onnx'));
  const config: object = JSON.parse(await readFile(join(source, 'config.json'), 'utf8'));
  await writeFile(join(path, 'config.json'), JSON.stringify({ ...config, hidden_size }));
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'models #1 '));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('another model', () => {
  it('is found by path or by name in a folder, and marks vectors with its name', async () => {
    const path = await copyModel('our-model', MINILM.dimensions);
    await using byPath = new MiniLmEmbedder({ model: path });
    await using byName = new MiniLmEmbedder({ model: 'our-model', modelsFolder: folder });
    for (const embedder of [byPath, byName]) {
      expect([embedder.model, embedder.dimensions]).toEqual(['our-model', 384]);
      const [vector] = await embedder.embed(['a database']);
      expect(vector).toHaveLength(384);
    }
  });

  it('pools as it is told', async () => {
    await using mean = new MiniLmEmbedder();
    await using first = new MiniLmEmbedder({ pooling: 'cls' });
    const [[one], [other]] = await Promise.all([mean.embed(['server']), first.embed(['server'])]);
    expect(one).not.toEqual(other);
  });

  it('is refused at once where the store has vectors of another length', () => {
    expect(() => new MiniLmEmbedder({ dimensions: 768 })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('384') }),
    );
  });

  it('is refused where its vectors have another length than its config.json says', async () => {
    const model = await copyModel('liar', 512);
    await using embedder = new MiniLmEmbedder({ model });
    expect(embedder.dimensions).toBe(512);
    await expect(embedder.embed(['one', 'two'])).rejects.toMatchObject({
      code: 'EMBEDDER_FAILED',
      message: expect.stringMatching(/384 numbers, not 512/u),
    });
  });

  it('that is not there, or has no such precision, is a typed error', async () => {
    expect(() => new MiniLmEmbedder({ model: './no-such-model' })).toThrow(
      expect.objectContaining({ code: 'EMBEDDER_UNAVAILABLE' }),
    );
    await using embedder = new MiniLmEmbedder({ precision: 'fp16' });
    await expect(embedder.embed(['one'])).rejects.toMatchObject({ code: 'EMBEDDER_UNAVAILABLE' });
  });
});
