import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExecutionEngine } from 'cloudops-execution-engine';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { AuditEntry, verifyAudit } from '../../src/index.ts';
import { builderWith, printStep, refusal } from './world.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudops-audit-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const refused = (message: string) =>
  ({ type: 'run_refused', playbook_digest: null, code: 'X', message }) as const;

async function logOf(name: string, count: number): Promise<string> {
  const path = join(folder, name);
  const log = new AuditLog(path);
  for (let index = 0; index < count; index += 1) await log.append(refused(`${index}`));
  return path;
}

async function edit(path: string, change: (lines: string[]) => string[]): Promise<void> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  await writeFile(path, `${change(lines).join('\n')}\n`);
}

describe('an audit log', () => {
  it('verifies when nobody touched it, and says where it ends', async () => {
    const path = await logOf('clean', 5);
    const found = await verifyAudit(path);
    expect(found).toMatchObject({ ok: true, fault: null, entries: 5, superseded: 0, torn: 0 });
    const last = AuditEntry.parse(
      JSON.parse((await readFile(path, 'utf8')).trim().split('\n').at(-1) ?? ''),
    );
    expect(found.head).toBe(last.hash);
  });

  it.each<[string, (lines: string[]) => string[], number]>([
    ['changed', (lines) => lines.map((line) => line.replace('"message":"2"', '"message":"9"')), 3],
    ['taken out', (lines) => lines.filter((_, index) => index !== 2), 3],
    ['taken from the front', (lines) => lines.slice(1), 1],
    ['moved', (lines) => [lines[0] ?? '', lines[2] ?? '', lines[1] ?? '', ...lines.slice(3)], 2],
    ['made unreadable', (lines) => lines.map((line, index) => (index === 2 ? '{' : line)), 4],
    [
      'given another form',
      (lines) => lines.map((line, index) => (index === 2 ? '{"a":1}' : line)),
      3,
    ],
  ])('shows an entry that was %s', async (what, change, line) => {
    const path = await logOf(`entry-${what.replaceAll(' ', '-')}`, 5);
    await edit(path, change);
    expect(await verifyAudit(path)).toMatchObject({ ok: false, fault: { line } });
    const append = new AuditLog(path).append(refused('more'));
    await expect(append).rejects.toMatchObject({ code: 'AUDIT_FAILED' });
  });

  it('goes on after a crash in the middle of an entry', async () => {
    const path = await logOf('torn', 2);
    await appendFile(path, '{"at":"2026-');
    await new AuditLog(path).append(refused('after'));
    expect(await verifyAudit(path)).toMatchObject({ ok: true, entries: 3, torn: 1 });
  });

  it('is one chain, also when several processes write at once', async () => {
    const path = join(folder, 'processes');
    const source = new URL('../../src/audit/audit-log.ts', import.meta.url).href;
    const program = `const { AuditLog } = await import(${JSON.stringify(source)});
      const log = new AuditLog(${JSON.stringify(path)});
      for (let n = 0; n < 30; n += 1) await log.append({ type: 'run_refused', playbook_digest: null, code: 'X', message: process.pid + ' ' + n });`;
    const codes = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const argv = ['--conditions=cloudops-source', '--input-type=module', '-e', program];
        const [code] = await once(spawn(process.execPath, argv, { stdio: 'inherit' }), 'close');
        return Number(code);
      }),
    );
    expect(codes).toEqual([0, 0, 0]);
    expect(await verifyAudit(path)).toMatchObject({ ok: true, entries: 90 });
  });

  it('rejects where there is no file', async () => {
    await expect(verifyAudit(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('a builder with an audit log', () => {
  let storage: StorageService;
  let engine: ExecutionEngine;
  beforeAll(async () => {
    const cli = join(folder, 'aws');
    const identity = '{"Account":"123456789012","Arn":"arn:aws:iam::123456789012:user/test"}';
    // Stands for the AWS CLI where only the caller's identity is asked.
    await writeFile(cli, `#!/bin/sh\necho '${identity}'\n`, { mode: 0o755 });
    engine = new ExecutionEngine({ logDir: join(folder, 'logs'), awsCli: { binary: cli } });
    storage = await StorageService.open({
      backend: { kind: 'embedded', path: ':memory:' },
      keys: noEncryption(),
    });
  });
  afterAll(async () => {
    await engine.close();
    await storage.close();
  });
  const input = { message: 'say it', conversation_id: 'audit' };

  async function recordsOf(path: string) {
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
    return lines.map((line) => AuditEntry.parse(JSON.parse(line)).record);
  }

  it('writes what was sent, approved and run, without secrets', async () => {
    const auditPath = join(folder, 'run');
    const { builder } = builderWith(
      { engine, storage },
      () => ({
        steps: [
          {
            id: 's1',
            title: 'Say it',
            command: { type: 'shell', command: 'echo PASSWORD=hunter2secret' },
          },
        ],
      }),
      { auditPath },
    );
    await builder.ask({
      ...input,
      approve: (preview) => builder.approve(preview, { by: 'somebody' }),
    });
    const records = await recordsOf(auditPath);
    expect(records).toMatchObject([
      { type: 'request_sent' },
      { type: 'reply_received', kind: 'playbook' },
      {
        type: 'run_started',
        principal_arn: 'arn:aws:iam::123456789012:user/test',
        approved_by: 'somebody',
        steps: [{ id: 's1', risk: 'destructive', effect: 'require_approval' }],
      },
      { type: 'run_ended', status: 'completed', steps: [{ id: 's1', exit_code: 0 }] },
    ]);
    expect(JSON.stringify(records)).not.toContain('hunter2secret');
    expect((await verifyAudit(auditPath)).ok).toBe(true);
  });

  it('writes what was refused', async () => {
    const auditPath = join(folder, 'refused');
    const { builder } = builderWith(
      { engine, storage },
      () => ({
        steps: [{ id: 's1', title: 'x', command: { type: 'shell', command: 'true' } }],
      }),
      { auditPath },
    );
    await refusal(builder.ask(input));
    expect((await recordsOf(auditPath)).at(-1)).toMatchObject({
      type: 'run_refused',
      code: 'APPROVAL_REQUIRED',
    });
    const broken = builderWith({ engine, storage }, () => ({ steps: [] }), { auditPath });
    await refusal(broken.builder.ask(input));
    expect((await recordsOf(auditPath)).at(-1)).toMatchObject({
      type: 'request_failed',
      code: 'PLAN_INVALID',
    });
  });

  it('runs and sends nothing where the log cannot be written', async () => {
    const auditPath = join(folder, 'aws', 'below-a-file');
    const { builder, requests, events } = builderWith(
      { engine, storage },
      () => ({ steps: [printStep('s1')] }),
      {
        auditPath,
      },
    );
    const request = await builder.build(input);
    expect((await refusal(builder.send(request))).code).toBe('AUDIT_FAILED');
    expect(requests).toHaveLength(0);
    const other = builderWith({ engine, storage }, () => ({ steps: [printStep('s1')] }));
    const reply = await other.builder.send(request);
    if (reply.kind !== 'playbook') throw new Error('expected a playbook');
    const preview = await builder.preview(reply.playbook, { request });
    expect((await refusal(builder.run(preview))).code).toBe('AUDIT_FAILED');
    expect(events).toEqual([]);
  });
});
