import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Embedder, EstateStore, PermissionSource } from '../../src/ports.ts';
import type { ScanEvent } from '../../src/events.ts';
import type { Permissions } from '../../src/resource.ts';
import type { TypeActions } from '../../src/service-scanner.ts';
import { ScanLedger } from '../../src/scan/ledger.ts';
import { PhaseClock } from '../../src/scan/phases.ts';
import { Pipeline } from '../../src/scan/pipeline.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { vpcResource } from '../support/resources.ts';
import { WordEmbedder } from '../support/word-embedder.ts';

interface Parts {
  store?: EstateStore;
  embedder?: Embedder;
  permissions?: PermissionSource;
  signal?: AbortSignal;
  actionsOf?: (type: string) => TypeActions | undefined;
}

const vpcActions = (type: string): TypeActions | undefined =>
  type === 'ec2:vpc' ? { onResource: ['ec2:CreateTags'], onContents: ['ec2:Look'] } : undefined;

function pipelineOf(parts: Parts, batchSize = 10) {
  const { store, embedder, permissions, signal, actionsOf = vpcActions } = parts;
  const events: ScanEvent[] = [];
  const outlet = {
    emit: (event: ScanEvent) => void events.push(event),
    ready: () => Promise.resolve(),
  };
  const clock = new PhaseClock(Date.now);
  const ledger = new ScanLedger({ scanId: 'scan', outlet, clock, now: Date.now });
  const pipeline = new Pipeline({
    store,
    embedder,
    permissions: permissions ?? null,
    principalArn: 'arn:aws:iam::123456789012:user/a',
    actionsOf,
    batchSize,
    clock,
    ledger,
    outlet,
    signal: signal ?? new AbortController().signal,
    now: Date.now,
  });
  return { pipeline, ledger, events };
}

const vpcs = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    vpcResource({ id: `vpc-${index}`, name: `net ${index}` }),
  );

async function put(parts: Parts, resources: ReturnType<typeof vpcs>, batchSize?: number) {
  const made = pipelineOf(parts, batchSize);
  for (const resource of resources) await made.pipeline.add(resource);
  await made.pipeline.drain();
  return { ...made, report: made.ledger.report({ cutShort: false }) };
}

describe('Pipeline', () => {
  it('stores in batches, and tells of each resource once it is stored', async () => {
    const store = new MemoryStore();
    const { report, events } = await put({ store }, vpcs(25));
    expect(store.upserts.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(report.counts).toMatchObject({ created: 25, changed: 0, unchanged: 0 });
    expect(events.filter(({ type }) => type === 'resource')).toHaveLength(25);
  });

  it('embeds each text once, and nothing again that did not change', async () => {
    const store = new MemoryStore();
    const embedder = new WordEmbedder();
    const twins = [...vpcs(3), vpcResource({ id: 'vpc-twin', name: 'net 0' })];
    const first = await put({ store, embedder }, twins);
    expect(first.report.counts.embedded).toBe(4);
    expect(embedder.texts).toHaveLength(3);

    const second = await put({ store, embedder }, twins);
    expect(second.report.counts).toMatchObject({ embedded: 0, unchanged: 4 });
    expect(embedder.texts).toHaveLength(3);
    expect(store.upserts[1]?.every((item) => !('vector' in item))).toBe(true);
    expect(store.vectors.size).toBe(4);
  });

  it('embeds again for another model or another text', async () => {
    const store = new MemoryStore();
    await put({ store, embedder: new WordEmbedder() }, vpcs(2));
    const renamed = [vpcResource({ id: 'vpc-0', name: 'renamed' }), ...vpcs(2).slice(1)];
    expect(
      (await put({ store, embedder: new WordEmbedder() }, renamed)).report.counts.embedded,
    ).toBe(1);
    expect(
      (await put({ store, embedder: new WordEmbedder('other') }, renamed)).report.counts.embedded,
    ).toBe(2);
  });

  it('stores without vectors when the embedder fails, says so, and embeds them the next time', async () => {
    const store = new MemoryStore();
    const broken: Embedder = {
      model: 'words',
      dimensions: 4,
      embed: () => Promise.reject(new Error('out of memory')),
    };
    const { report } = await put({ store, embedder: broken }, vpcs(3));
    expect(store.records.size).toBe(3);
    expect(report.errors).toEqual([
      expect.objectContaining({
        kind: 'embedding',
        code: 'EMBEDDER_FAILED',
        message: expect.stringContaining('out of memory'),
      }),
    ]);
    const next = await put({ store, embedder: new WordEmbedder() }, vpcs(3));
    expect(next.report.counts.embedded).toBe(3);
  });

  it('rejects when the store fails, and leaves no batch running', async () => {
    const store: EstateStore = {
      get: (keys) => Promise.resolve(keys.map(() => null)),
      upsert: () => Promise.reject(new Error('disk full')),
    };
    const { pipeline } = pipelineOf({ store });
    const adding = (async () => {
      for (const resource of vpcs(100)) await pipeline.add(resource);
    })();
    await expect(adding).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining('disk full'),
    });
    await expect(pipeline.drain()).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  it('holds no more than two batches while the store is slow', async () => {
    let stored = 0;
    const store: EstateStore = {
      get: (keys) => Promise.resolve(keys.map(() => null)),
      async upsert(items) {
        await sleep(5);
        stored += items.length;
        return { created: items.map(({ record }) => record.key), changed: [], unchanged: [] };
      },
    };
    const { pipeline } = pipelineOf({ store });
    let added = 0;
    let most = 0;
    for (const resource of vpcs(200)) {
      await pipeline.add(resource);
      added += 1;
      most = Math.max(most, added - stored);
    }
    await pipeline.drain();
    expect(stored).toBe(200);
    expect(most).toBeLessThanOrEqual(30);
  });

  it('asks about a resource and its contents, and merges the answers', async () => {
    const asked: string[] = [];
    const permissions: PermissionSource = {
      calls: 1,
      evaluate: ({ principalArn, requests }) => {
        asked.push(...requests.map(({ arn }) => arn));
        return Promise.resolve(
          requests.map(({ actions, arn }): Permissions => ({
            principal_arn: principalArn,
            allowed: arn.endsWith('/*') ? [] : [...actions],
            denied: arn.endsWith('/*') ? [...actions] : [],
            conditional: [],
            evaluated_at: '2026-01-01T00:00:00.000Z',
            status: 'evaluated',
          })),
        );
      },
    };
    const store = new MemoryStore();
    const bare = vpcResource({ id: 'vpc-bare', arn: null });
    await put({ store, permissions }, [...vpcs(1), bare]);
    expect(asked).toEqual([
      'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1',
      'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1/*',
    ]);
    expect([...store.records.values()].map(({ permissions }) => permissions)).toEqual([
      expect.objectContaining({
        allowed: ['ec2:CreateTags'],
        denied: ['ec2:Look'],
        status: 'evaluated',
      }),
      null,
    ]);
  });

  it('asks IAM about one type at a time, in as many batches as a type fills', async () => {
    const asked: Set<string>[] = [];
    const permissions: PermissionSource = {
      calls: 0,
      evaluate: ({ principalArn, requests }) => {
        asked.push(new Set(requests.map(({ resource_type }) => resource_type)));
        return Promise.resolve(
          requests.map(({ actions }): Permissions => ({
            principal_arn: principalArn,
            allowed: [...actions],
            denied: [],
            conditional: [],
            evaluated_at: '2026-01-01T00:00:00.000Z',
            status: 'evaluated',
          })),
        );
      },
    };
    const kinds = ['ec2:vpc', 'ec2:subnet', 'ec2:natgateway', 'ec2:route-table'];
    const mixed = vpcs(400);
    for (const [index, resource] of mixed.entries()) {
      resource.resource_type = kinds[index % kinds.length] ?? '';
    }
    const made = pipelineOf({ permissions, actionsOf: () => ({ onResource: ['ec2:CreateTags'] }) });
    for (const resource of mixed) await made.pipeline.add(resource);
    await made.pipeline.drain();
    expect(asked.every(({ size }) => size === 1)).toBe(true);
    expect(asked).toHaveLength(40);
    expect(made.events.filter(({ type }) => type === 'resource')).toHaveLength(400);
  });

  it('keeps when it was first seen and who else sees it', async () => {
    const store = new MemoryStore();
    const [resource] = vpcs(1);
    if (!resource) throw new Error('one VPC');
    const elsewhere = {
      ...resource,
      visible_from: ['210987654321'],
      first_seen: '2020-01-01T00:00:00.000Z',
    };
    await put({ store }, [elsewhere]);
    await put({ store }, [resource]);
    expect(store.records.get(resource.key)).toMatchObject({
      visible_from: ['123456789012', '210987654321'],
      first_seen: '2020-01-01T00:00:00.000Z',
    });
  });
});

describe('what a store or an embedder answers', () => {
  it.each([
    ['get', { get: () => Promise.resolve(JSON.parse('[]')) }],
    ['upsert', { upsert: () => Promise.resolve(JSON.parse('{}')) }],
  ])('is an error of the store where %s answers something else', async (method, broken) => {
    const store: EstateStore = Object.assign(new MemoryStore(), broken);
    await expect(put({ store }, vpcs(3))).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining(`${method}()`),
    });
  });

  it.each([
    ['too short', Float32Array.of(1, 2)],
    ['not finite', Float32Array.of(1, 2, 3, Number.NaN)],
  ])('is no vector where it is %s', async (_what, vector) => {
    const store = new MemoryStore();
    const embedder: Embedder = {
      model: 'broken',
      dimensions: 4,
      embed: (texts) => Promise.resolve(texts.map(() => vector)),
    };
    const { report } = await put({ store, embedder }, vpcs(3));
    expect(report.errors).toEqual([expect.objectContaining({ code: 'EMBEDDER_FAILED' })]);
    expect([store.records.size, store.vectors.size]).toEqual([3, 0]);
  });
});
