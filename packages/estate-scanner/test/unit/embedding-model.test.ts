import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MINILM, modelsFolder } from '../../src/embedding/model.ts';

describe('the model in the package', () => {
  it('has the checksums that models/README.md gives', async () => {
    const readme = await readFile(join(modelsFolder(), 'README.md'), 'utf8');
    const rows = Array.from(readme.matchAll(/^\| `([^`]+)` \| `([0-9a-f]{64})` \|$/gmu));
    expect(rows.map(([, file]) => file)).toContain('onnx/model_quantized.onnx');
    for (const [, file = '', expected] of rows) {
      const bytes = await readFile(join(modelsFolder(), MINILM.name, file));
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(expected);
    }
  });
});
