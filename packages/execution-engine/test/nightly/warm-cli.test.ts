import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startFakeAws } from 'cloudops-fake-aws';
import { findByCookie } from '../../src/process/cookie.ts';
import { eventually, testEngine, temporaryFolder } from '../engine.ts';
import { parentOf, sizesOf, warmServer } from '../warm-server.ts';
import { act, cliProgram, warmUp, writeAwsProgram } from '../warm.ts';

const cli = await cliProgram();
const title = typeof cli === 'string' ? `(left out: ${cli})` : '';

describe.skipIf(typeof cli === 'string')(`the warm AWS CLI ${title}`, () => {
  it('makes 1,000 calls of AWS, 16 at once, and does not grow', async () => {
    const folder = await temporaryFolder();
    await using aws = await startFakeAws();
    const engine = await testEngine({
      logDir: folder,
      historyLimit: 10,
      maxConcurrent: 16,
      awsCli: {
        binary: aws.awsBinary,
        endpointUrl: aws.endpointUrl,
        env: { ...aws.env, HOME: folder },
      },
    });
    const request = {
      command: { type: 'aws_cli', service: 'ec2', operation: 'describe-vpcs' },
      log: false,
    } as const;
    await warmUp(engine, request);
    const server = await warmServer(folder);
    const keeper = await parentOf(server);
    const run = (count: number) =>
      Promise.all(Array.from({ length: count }, () => engine.run(request, { check: true })));
    await run(200);
    const before = await Promise.all([server, keeper].map(sizesOf));
    await run(800);
    const after = await Promise.all([server, keeper].map(sizesOf));
    expect(after.map(({ files }) => files)).toEqual(before.map(({ files }) => files));
    for (const [index, { kilobytes }] of after.entries()) {
      expect(kilobytes).toBeLessThan((before[index]?.kilobytes ?? 0) + 16_384);
    }
    expect(engine.metrics().aws_cli.warm).toBeGreaterThanOrEqual(1000);
  }, 300_000);

  it('runs none of 400 calls twice, and loses none, while its server is killed and cancels come', async () => {
    const folder = await temporaryFolder();
    const binary = await writeAwsProgram(folder);
    const engine = await testEngine({
      logDir: join(folder, 'logs'),
      maxConcurrent: 16,
      awsCli: { binary, env: { HOME: folder } },
    });
    await warmUp(engine, act('exit', '0'));
    const kill = async () => process.kill(await warmServer(folder), 'SIGKILL');
    const killer = setInterval(() => void kill().catch(() => {}), 900);
    const ids = await Promise.all(
      Array.from({ length: 400 }, (_, index) =>
        engine.execute(act('count', join(folder, `counted-${index}`), '0.05')),
      ),
    );
    const canceller = setInterval(
      () => void engine.cancel(ids[Math.floor(Math.random() * ids.length)] ?? ''),
      100,
    );
    const results = await Promise.all(ids.map((id) => engine.getResult(id)));
    clearInterval(killer);
    clearInterval(canceller);
    const marks = await Promise.all(
      ids.map((_, index) => readFile(join(folder, `counted-${index}`), 'utf8').catch(() => '')),
    );
    expect(marks.filter((mark) => mark !== '' && mark !== 'once\n')).toEqual([]);
    const ends = new Set(results.map(({ error }) => error?.code ?? 'completed'));
    expect([...ends].toSorted()).toEqual(['CANCELLED', 'INTERRUPTED', 'completed']);
    const lost = results.filter(
      ({ status }, index) => status === 'completed' && marks[index] === '',
    );
    expect(lost).toEqual([]);
    await eventually(() => findByCookie(new Set(ids)).length === 0, 10_000);
  }, 300_000);
});
