import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sh, temporaryFolder, testEngine } from '../engine.ts';

describe('ids', () => {
  it('make the same request the same execution, and another one a conflict', async () => {
    const engine = await testEngine();
    const folder = await temporaryFolder();
    const id = crypto.randomUUID();
    const request = { id, command: sh('echo x >> runs'), working_dir: folder };
    const [first, second] = await Promise.all([
      engine.run(request),
      engine.run({ ...request, env: null }),
    ]);
    expect(second).toBe(first);
    expect(await readFile(join(folder, 'runs'), 'utf8')).toBe('x\n');
    await expect(engine.run({ id, command: sh('true') })).rejects.toMatchObject({
      code: 'ID_CONFLICT',
    });
    await expect(engine.getPlanResult(id)).rejects.toMatchObject({ code: 'WRONG_KIND' });
    await expect(engine.getStatus(crypto.randomUUID())).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});
