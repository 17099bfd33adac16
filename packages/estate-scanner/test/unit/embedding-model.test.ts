import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkShippedFiles, shippedFiles } from '../../src/embedding/checksums.ts';
import { findModel, MINILM, modelsFolder } from '../../src/embedding/model.ts';

describe('the model in the package', () => {
  it('has the checksums that models/README.md gives', async () => {
    const readme = await readFile(join(modelsFolder(), 'README.md'), 'utf8');
    const rows = Array.from(readme.matchAll(/^\| `([^`]+)` \| `([0-9a-f]{64})` \|$/gmu));
    expect(new Map(rows.map(([, file, hash]) => [file, hash]))).toEqual(shippedFiles);
    await expect(checkShippedFiles(join(modelsFolder(), MINILM.name))).resolves.toBeUndefined();
  });

  it('is known by whatever path it is reached', () => {
    const folder = relative(process.cwd(), modelsFolder());
    const found = findModel(MINILM.name, folder);
    expect(found).toEqual(findModel());
    expect(found.isShipped).toBe(true);
    expect(findModel(MINILM.name, '/elsewhere').isShipped).toBe(false);
  });
});
