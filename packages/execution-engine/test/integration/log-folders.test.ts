import { readdirSync } from 'node:fs';
import { chmod, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExecutionEngine } from '../../src/index.ts';
import { allEvents, sh, temporaryFolder, testEngine } from '../engine.ts';

describe('a folder for logs', () => {
  async function codeWith(engine: ExecutionEngine) {
    const result = await engine.run({ command: sh('echo hi') });
    expect((await allEvents(engine, result.id)).at(-1)?.type).toBe(result.status);
    return result.error?.code ?? result.status;
  }

  it('that is a link is refused, and so is a file', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'link'));
    expect(await codeWith(await testEngine({ logDir: join(folder, 'link') }))).toBe(
      'LOG_DIR_UNSAFE',
    );
    expect(await codeWith(await testEngine({ logDir: '/etc/passwd' }))).toBe('LOG_DIR_UNSAFE');
    expect(await codeWith(await testEngine({ logDir: '/etc/passwd/below' }))).toBe(
      'LOG_DIR_UNSAFE',
    );
    expect(readdirSync(join(folder, 'real'))).toEqual([]);
  });

  it('that others may write is closed to them', async () => {
    const folder = await temporaryFolder();
    const logDir = join(folder, 'logs');
    await mkdir(logDir);
    await chmod(logDir, 0o777);
    expect(await codeWith(await testEngine({ logDir }))).toBe('completed');
    expect((await stat(logDir)).mode & 0o777).toBe(0o700);
  });

  it('that is removed while a command runs loses nothing in silence', async () => {
    const folder = await temporaryFolder();
    const logDir = join(folder, 'logs');
    const engine = await testEngine({ logDir });
    const id = await engine.execute({
      command: sh('echo before; while [ -e logs ]; do sleep 0.05; done; echo after'),
      working_dir: folder,
    });
    for await (const event of engine.events(id)) if (event.type === 'stdout') break;
    await rm(logDir, { recursive: true });
    const result = await engine.getResult(id);
    // Either all of it is there, or it is said that it is not.
    const isWhole = result.stdout === 'before\nafter\n';
    expect(isWhole || result.error?.code.startsWith('LOG_')).toBe(true);
    // And what comes next finds, or makes, a folder again.
    const next = [await codeWith(engine), await codeWith(engine), await codeWith(engine)];
    expect(next.at(-1)).toBe('completed');
  });
});
