import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { allEvents, sh, temporaryFolder, testEngine } from '../engine.ts';

const isRoot = process.getuid?.() === 0;

/** A small file system of its own, taken away after the test. */
async function mounted(options: string): Promise<string> {
  const folder = await temporaryFolder();
  const mount = join(folder, 'mount');
  mkdirSync(mount);
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', mount]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', mount]);
  });
  return mount;
}

describe.skipIf(!isRoot)(
  'a place for logs (needs root: mounts file systems, gives folders away)',
  () => {
    it('that is read-only fails the execution with LOG_DIR_UNSAFE, also where it is the folder for state', async () => {
      const mount = await mounted('size=1m,mode=700');
      execFileSync('mount', ['-o', 'remount,ro', mount]);
      const engine = await testEngine({ logDir: join(mount, 'logs') });
      const result = await engine.run({ command: sh('echo hi') });
      expect(result).toMatchObject({
        status: 'failed',
        log_path: null,
        error: { code: 'LOG_DIR_UNSAFE' },
      });
      expect((await allEvents(engine, result.id)).at(-1)?.type).toBe('failed');
      const durable = await testEngine({ stateDir: join(mount, 'state') });
      await expect(durable.run({ command: sh('echo hi') })).rejects.toMatchObject({
        code: 'LOG_DIR_UNSAFE',
      });
    });

    it('that fills up while a command runs ends it with a code', async () => {
      const mount = await mounted('size=8m,mode=700');
      const engine = await testEngine({ logDir: mount });
      const id = await engine.execute({
        command: sh('while :; do echo line; sleep 0.05; done'),
        timeout_ms: 30_000,
      });
      for await (const event of engine.events(id)) if (event.type === 'stdout') break;
      await engine.run({
        command: sh('head -c 9000000 /dev/zero > filler || true'),
        working_dir: mount,
      });
      expect((await engine.getResult(id)).error?.code).toBe('LOG_DISK_FULL');
    });

    it('of another user fails the execution with LOG_DIR_UNSAFE', async () => {
      const folder = await temporaryFolder();
      const logDir = join(folder, 'logs');
      mkdirSync(logDir, { mode: 0o777 });
      chownSync(logDir, 65_534, 65_534);
      const engine = await testEngine({ logDir });
      const result = await engine.run({ command: sh('echo hi') });
      expect(result.error?.code).toBe('LOG_DIR_UNSAFE');
      expect(result.error?.message).toContain('belongs to user 65534');
    });

    it('on a full disk fails what cannot be stored with a code, before it starts', async () => {
      const mount = await mounted('size=256k,mode=700');
      const folder = await temporaryFolder();
      const engine = await testEngine({ stateDir: join(mount, 'state') });
      await engine.run({ command: sh('true') });
      await engine.run({
        command: sh('head -c 1000000 /dev/zero > filler || true'),
        working_dir: mount,
      });
      const result = await engine.run({ command: sh('touch ran'), working_dir: folder });
      expect(result).toMatchObject({ status: 'failed', error: { code: 'STATE_WRITE_FAILED' } });
      expect(result.error?.message).toContain('ENOSPC');
      expect(execFileSync('ls', [folder], { encoding: 'utf8' })).toBe('');
    });
  },
);

describe.skipIf(!isRoot)(
  'a user who may start no more processes (needs root: becomes another user)',
  () => {
    it('gets SPAWN_FAILED with EAGAIN, and goes on afterwards', async () => {
      const folder = await temporaryFolder();
      execFileSync('chmod', ['777', folder]);
      execFileSync('chmod', ['755', join(folder, '..')]);
      const code = `
      import { ExecutionEngine } from "cloudops-execution-engine";
      const engine = new ExecutionEngine({ logDir: ${JSON.stringify(join(folder, 'logs'))}, maxConcurrent: 60, killGraceMs: 300 });
      const command = { type: "exec", program: "sleep", args: ["2"] };
      await engine.run({ command: { type: "exec", program: "true" } });
      const results = await Promise.all(Array.from({ length: 60 }, () => engine.run({ command })));
      const said = results.map(({ status, error }) => error === null ? status : error.code + " " + /E[A-Z]+/.exec(error.message)?.[0]);
      const after = await engine.run({ command: { type: "exec", program: "true" } });
      console.log(JSON.stringify({ said: [...new Set(said)].sort(), after: after.status }));
      await engine.close();`;
      const outer = await testEngine();
      const result = await outer.run({
        command: {
          type: 'exec',
          program: 'setpriv',
          // As nobody, who has nothing else to run: the limit counts all processes of the user, threads included.
          args: [
            '--reuid',
            '64321',
            '--regid',
            '64321',
            '--clear-groups',
            'bash',
            '--norc',
            '-c',
            `ulimit -u 50; exec '${process.execPath}' --conditions=cloudops-source --input-type=module`,
          ],
        },
        stdin: code,
        working_dir: join(import.meta.dirname, '..', '..'),
        timeout_ms: 60_000,
      });
      expect(result).toMatchObject({ status: 'completed', stderr: '' });
      expect(JSON.parse(result.stdout)).toEqual({
        said: ['SPAWN_FAILED EAGAIN', 'completed'],
        after: 'completed',
      });
    });
  },
);
