import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { sh, temporaryFolder, testEngine } from '../engine.ts';

const isRoot = process.getuid?.() === 0;

it.skipIf(!isRoot)(
  'a full disk fails the execution with LOG_DISK_FULL (needs root: mounts a tmpfs)',
  async () => {
    const folder = await temporaryFolder();
    const mount = join(folder, 'small');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=700', 'tmpfs', mount]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', mount]);
    });
    const engine = await testEngine({ logDir: mount });
    const result = await engine.run({ command: sh('head -c 8000000 /dev/zero; sleep 60') });
    expect(result).toMatchObject({ status: 'failed', error: { code: 'LOG_DISK_FULL' } });
    const next = await engine.run({ command: sh('echo hi') });
    expect(['completed', 'failed']).toContain(next.status);
  },
);
