import { describe, expect, it } from 'vitest';
import { findByCookie } from '../../src/process/cookie.ts';
import { sh, testEngine } from '../engine.ts';

describe('input and environment', () => {
  it('of 20 MB is read by one process while another never reads its own', async () => {
    const engine = await testEngine();
    const stdin = 'x'.repeat(20_000_000);
    const [counted, ignored] = await Promise.all([
      engine.run({ command: sh('wc -c'), stdin }),
      engine.run({ command: sh('sleep 1'), stdin, timeout_ms: 30_000 }),
    ]);
    expect(counted.stdout.trim()).toBe('20000000');
    expect(ignored).toMatchObject({ status: 'completed', stdin_truncated: true });
  });

  it('that never ends is ended with its reader', async () => {
    const engine = await testEngine();
    const result = await engine.run({
      command: sh('cat /dev/zero | cat > /dev/null'),
      timeout_ms: 300,
    });
    expect(result.error?.code).toBe('TIMEOUT');
    expect(findByCookie(new Set([result.id]))).toEqual([]);
  });
});

describe('secrets', () => {
  it('ten thousand of them are masked', async () => {
    const engine = await testEngine();
    const secrets = Array.from({ length: 10_000 }, (_, at) => `secret-${at}-${at * 7919}`);
    for (const secret of secrets) engine.registerSecret(secret);
    const result = await engine.run({
      command: sh('cat'),
      stdin: `${secrets.filter((_, at) => at % 100 === 0).join(' ')}\n`,
    });
    expect(result.stdout).toBe(`${Array.from({ length: 100 }, () => '***').join(' ')}\n`);
  });

  it('a key of many lines is masked whole, line by line, and as JSON', async () => {
    const engine = await testEngine();
    const lines = Array.from(
      { length: 20 },
      (_, at) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${at}QqzVt`,
    );
    const key = ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join(
      '\n',
    );
    const code =
      'console.log(process.env.KEY); console.log(JSON.stringify({ key: process.env.KEY }))';
    const result = await engine.run({
      command: { type: 'exec', program: process.execPath, args: ['-e', code] },
      env: { KEY: key },
      secrets: ['KEY'],
    });
    const log = await engine.readLogs(result.id);
    for (const text of [result.stdout, log]) {
      expect(lines.filter((line) => text.includes(line))).toEqual([]);
      expect(text).toContain('{"key":"***');
    }
  });
});
