import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AwsCallError } from '../../src/aws/errors.ts';
import { Checkpoint, type CheckpointStore } from '../../src/checkpoint/checkpoint.ts';
import { fileCheckpoints } from '../../src/checkpoint/file-checkpoints.ts';
import type { EstateScannerOptions, ScanOptions } from '../../src/options.ts';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import type { DiscoveredResource } from '../../src/resource.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { listedScanner } from '../support/listed-scanner.ts';
import { MemoryStore } from '../support/memory-store.ts';

const regions = ['eu-west-1', 'us-east-1'];
const program = fileURLToPath(new URL('../programs/interrupted-scan.ts', import.meta.url));
const expired = new AwsCallError('things list', {
  kind: 'expired',
  code: 'ExpiredToken',
  message: 'The security token has expired',
  scp: false,
});
let estate: FakeEstate;
let folder: string;
/** The regions that were listed, in order. */
let listed: string[];
let breaks: (region: string) => Promise<void> | void;

beforeAll(async () => {
  estate = await startFakeEstate();
});
afterAll(() => estate[Symbol.asyncDispose]());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checkpoints-'));
  listed = [];
  breaks = () => undefined;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function* things({ region }: { region: string }): AsyncGenerator<DiscoveredResource> {
  listed.push(region);
  yield { resource_type: 'things:thing', id: `${region}-1` };
  await breaks(region);
  yield { resource_type: 'things:thing', id: `${region}-2` };
}

const scannerWith = (options: Partial<EstateScannerOptions> = {}) =>
  new EstateScanner({
    engine: estate.engine,
    store: new MemoryStore(),
    registry: new ServiceScannerRegistry().register(
      listedScanner('things', 'things:thing', things),
    ),
    iam: false,
    batchSize: 1,
    checkpoints: fileCheckpoints(folder),
    ...options,
  });
const scan = (options: Partial<EstateScannerOptions> = {}, more: ScanOptions = {}) =>
  scannerWith(options).scan({ regions, checkpoint: 'nightly', ...more });
const files = () => readdir(folder);
async function checkpointed(): Promise<string[]> {
  const text = await readFile(join(folder, 'nightly.checkpoint.json'), 'utf8');
  return Checkpoint.parse(JSON.parse(text)).scopes.map(({ region }) => region);
}
async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 600; turn += 1) {
    if (await condition().catch(() => false)) return;
    await sleep(50);
  }
  throw new Error('it did not come about within 30 s');
}

describe('a scan that is interrupted', () => {
  it(
    'goes on from what it had finished, when its host was killed',
    { timeout: 60_000 },
    async () => {
      const child = spawn(
        process.execPath,
        ['--conditions=cloudops-source', program, folder, estate.aws.awsBinary],
        { env: { ...process.env, ...estate.aws.env }, stdio: 'inherit' },
      );
      const path = join(folder, 'checkpoints', 'nightly.checkpoint.json');
      await until(async () => (await readFile(path, 'utf8')).includes('eu-west-1'));
      child.kill('SIGKILL');
      await once(child, 'exit');
      const { scopes, scan_id } = Checkpoint.parse(JSON.parse(await readFile(path, 'utf8')));
      expect(scopes.map(({ region, status }) => `${region} ${status}`)).toEqual([
        'eu-west-1 complete',
      ]);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      // What is called finished is stored.
      expect(await readFile(join(folder, 'stored'), 'utf8')).toContain('things:thing/eu-west-1-1');

      const checkpoints = fileCheckpoints(join(folder, 'checkpoints'));
      const report = await scan({ checkpoints });
      expect(listed).toEqual(['us-east-1']);
      expect(report).toMatchObject({ status: 'complete', resumed_from: scan_id, errors: [] });
      expect(report.scan_id).not.toBe(scan_id);
      expect(
        report.scopes.map(({ region, resumed }) => `${region} ${String(resumed)}`).sort(),
      ).toEqual(['eu-west-1 true', 'us-east-1 undefined']);
      expect(await readdir(join(folder, 'checkpoints'))).toEqual([]);
    },
  );

  it('goes on after an abort, and after credentials that expired', async () => {
    const stop = new AbortController();
    breaks = async (region) => {
      if (region !== 'us-east-1') return;
      await until(async () => (await checkpointed()).length === 1);
      stop.abort();
      await sleep(10);
    };
    await expect(scan({}, { signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(await checkpointed()).toEqual(['eu-west-1']);

    listed = [];
    breaks = () => {
      throw expired;
    };
    const ended = await scan();
    expect(listed).toEqual(['us-east-1']);
    expect(ended.status).toBe('partial');
    expect(await checkpointed()).toEqual(['eu-west-1']);

    listed = [];
    breaks = () => undefined;
    expect((await scan()).status).toBe('complete');
    expect(listed).toEqual(['us-east-1']);
    expect(await files()).toEqual([]);

    listed = [];
    expect((await scan()).resumed_from).toBeNull();
    expect(listed.sort()).toEqual(regions);
  });

  it('begins anew for another selection, after a day, and when the clock was set back', async () => {
    const ending = (region: string) => {
      if (region === 'us-east-1') throw expired;
    };
    const fresh = async (options: Partial<EstateScannerOptions>, more: ScanOptions = {}) => {
      breaks = async (region) => {
        if (region === 'us-east-1') await until(async () => (await checkpointed()).length > 0);
        ending(region);
      };
      await scan({}, { ...more, regions });
      expect(await checkpointed()).toContain('eu-west-1');
      breaks = () => undefined;
      listed = [];
      return (await scan(options, more)).resumed_from;
    };
    expect(await fresh({}, { regions: ['eu-west-1'] })).toBeNull();
    expect(await fresh({ now: () => Date.now() + 90_000_000 })).toBeNull();
    expect(await fresh({ now: () => Date.now() - 90_000_000 })).toBeNull();
    expect(await fresh({})).not.toBeNull();
  });
});

describe('a checkpoint', () => {
  it.each(['{"schema":"scan-checkpoint/v9"}', '', '{"schema":"scan-check', 'null'])(
    'that reads %j is said to be unreadable, and everything is scanned',
    async (content) => {
      await writeFile(join(folder, 'nightly.checkpoint.json'), content);
      const report = await scan();
      expect(listed.sort()).toEqual(regions);
      expect(report.status).toBe('complete');
      expect(report.errors).toMatchObject([{ level: 'warning', code: 'CHECKPOINT_UNREADABLE' }]);
    },
  );

  it('that cannot be written costs nothing but itself', async () => {
    const broken: CheckpointStore = {
      load: () => Promise.resolve(null),
      save: () => Promise.reject(new Error('disk full')),
      remove: () => Promise.resolve(),
    };
    const report = await scan({ checkpoints: broken });
    expect(report.status).toBe('complete');
    expect(report.errors).toMatchObject([{ code: 'CHECKPOINT_FAILED', level: 'warning' }]);
  });

  it('needs a place and a name that is one', async () => {
    const { engine } = estate;
    const bare = new EstateScanner({ engine, iam: false });
    await expect(bare.scan({ checkpoint: 'x' })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(scan({}, { checkpoint: '../../etc/passwd' })).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
    });
  });
});
