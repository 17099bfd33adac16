import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ScanEvent } from '../../src/events.ts';
import { ScanReport } from '../../src/report.ts';
import { Resource } from '../../src/resource.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { type FakeEstate, awsCall, startFakeEstate } from '../support/fake-estate.ts';
import { MemoryStore } from '../support/memory-store.ts';
import { WordEmbedder } from '../support/word-embedder.ts';

const region = 'eu-west-1';
let estate: FakeEstate;
let store: MemoryStore;
let embedder: WordEmbedder;
let scanner: EstateScanner;
let summary: { total: number; byType: Record<string, number> };
let report: ScanReport;
let callsByOperation: Record<string, number>;
const events: ScanEvent[] = [];

/** Keys of a type, in order. */
const keysOf = (type: string): string[] =>
  [...store.records.values()]
    .filter(({ resource_type }) => resource_type === type)
    .map(({ key }) => key)
    .sort();

function record(key: string | undefined): Resource {
  const found = store.records.get(key ?? '');
  if (!found) throw new Error(`${String(key)} is not in the estate`);
  return found;
}

beforeAll(async () => {
  estate = await startFakeEstate();
  summary = await estate.aws.seedEstate({ resources: 30, regions: [region] });
  store = new MemoryStore();
  embedder = new WordEmbedder();
  scanner = new EstateScanner({ engine: estate.engine, store, embedder, iam: estate.iam });
  estate.aws.resetCounts();
  report = await scanner.scan({ regions: [region], onEvent: (event) => events.push(event) });
  callsByOperation = estate.aws.counts();
});

afterAll(async () => {
  await estate[Symbol.asyncDispose]();
});

describe('a scan', () => {
  it('finds every resource that is there, and nothing else', () => {
    expect(report.errors).toEqual([]);
    expect(report.status).toBe('complete');
    const counts = Object.keys(summary.byType).map((type) => [type, keysOf(type).length]);
    expect(Object.fromEntries(counts)).toEqual(summary.byType);
    // Each instance brings its disk, and the image that it runs from.
    expect(keysOf('ec2:volume')).toHaveLength(keysOf('ec2:instance').length);
    const beside = keysOf('ec2:volume').length + keysOf('ec2:image').length;
    expect(store.records.size).toBe(summary.total + beside);
    const everything = store.records.size;
    expect(report.counts).toMatchObject({
      discovered: everything,
      created: everything,
      changed: 0,
      unchanged: 0,
      embedded: everything,
    });
  });

  it('speaks the published schemas', () => {
    for (const resource of store.records.values())
      expect(Resource.parse(resource)).toEqual(resource);
    expect(ScanReport.parse(report)).toEqual(report);
  });

  it('makes one call per list, four per bucket, and counts them', () => {
    const buckets = summary.byType['s3:bucket'] ?? 0;
    const {
      'iam:SimulatePrincipalPolicy': _simulations,
      'iam:GetRole': _role,
      ...cli
    } = callsByOperation;
    for (const [operation, count] of Object.entries(cli)) {
      const times = /GetBucket|GetPublic/u.test(operation) ? buckets : 1;
      // Functions once more, for their published versions.
      expect(`${operation} ${count}`).toBe(
        `${operation} ${operation === 'lambda:ListFunctions' ? 2 : times}`,
      );
    }
    // STS, aliases, buckets, tags, four of EC2, three of Lambda, five of RDS, seven of VPC: and no list of regions, since one was named.
    expect(report.aws_calls).toBe(23 + 4 * buckets);
    expect(report.retries).toBe(0);
  });

  it('reads names, tags, states and ARNs', () => {
    for (const resource of store.records.values()) {
      expect(resource.arn).toMatch(/^arn:aws:/u);
      expect(resource.tags, resource.key).not.toBeNull();
      const nameless = ['ec2:route-table', 'ec2:volume'].includes(resource.resource_type);
      expect(resource.name !== null || nameless).toBe(true);
    }
    for (const key of keysOf('lambda:function')) expect(record(key).tags).toHaveProperty('Service');
    // Some seeded buckets have no tags: none, not unknown.
    const purposes = keysOf('s3:bucket').map((key) => record(key).tags?.['Purpose']);
    expect(purposes).toContain('assets');
    for (const key of keysOf('ec2:instance')) expect(record(key).state).toBe('running');
  });

  it('leads from resource to resource by keys that are in the estate', () => {
    const kept = [
      'in_vpc',
      'in_subnet',
      'uses_security_group',
      'attached_to',
      'member_of',
      'has_member',
      'routes_for',
      'in_route_table',
    ];
    const edges = [...store.records.values()]
      // The fake puts every function into a VPC that does not exist.
      .filter(({ resource_type }) => resource_type !== 'lambda:function')
      .flatMap(({ relations }) => relations)
      .filter(({ type }) => kept.includes(type));
    expect(edges.filter(({ target }) => !store.records.has(target))).toEqual([]);
    expect(new Set(edges.map(({ type }) => type))).toEqual(new Set(kept));
  });

  it('says what the caller may do', () => {
    const rights = [...store.records.values()].map(({ permissions }) => permissions);
    expect(new Set(rights.map((right) => right?.status))).toEqual(new Set(['evaluated']));
    const instance = record(keysOf('ec2:instance')[0]);
    expect(instance.permissions?.allowed).toContain('ec2:StopInstances');
    const bucket = record(keysOf('s3:bucket')[0]);
    expect(bucket.permissions?.denied).toContain('s3:DeleteBucket');
    expect(JSON.stringify(bucket.permissions)).toContain('s3:GetObject');
    expect(report.iam_calls).toBeGreaterThan(0);
  });

  it('lets no value of a function’s environment out', () => {
    const everything = JSON.stringify([[...store.records.values()], embedder.texts, events]);
    expect(everything).not.toContain('not-a-secret');
    expect(record(keysOf('lambda:function')[0]).attributes).toMatchObject({
      environment_names: expect.arrayContaining(['API_TOKEN']),
    });
  });

  it('tells of its progress, scope by scope', () => {
    expect(events[0]).toMatchObject({ type: 'scan_started', scan_id: report.scan_id });
    expect(events.at(-1)).toEqual({ type: 'scan_completed', report });
    const completed = events.filter(({ type }) => type === 'scope_completed');
    expect(completed).toHaveLength(report.scopes.length);
    expect(events.filter(({ type }) => type === 'resource')).toHaveLength(store.records.size);
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.at(-1)).toMatchObject({
      completed: 5,
      total: 5,
      resources: store.records.size,
    });
  });

  it('knows who asked, in an account without a name', () => {
    expect(report.user_context).toMatchObject({
      account_id: '123456789012',
      account_aliases: [],
      type: 'user',
      user_name: 'cloudops-operator',
      role_arn: null,
      session_expires_at: null,
    });
  });

  it('a second time changes nothing, embeds nothing and asks IAM nothing', async () => {
    const texts = embedder.texts.length;
    const again = await scanner.scan({ regions: [region] });
    expect(again.errors).toEqual([]);
    expect(again.counts).toEqual({
      discovered: store.records.size,
      created: 0,
      changed: 0,
      missing: 0,
      unchanged: store.records.size,
      embedded: 0,
    });
    expect(embedder.texts).toHaveLength(texts);
    expect(again.iam_calls).toBe(0);
  });
});

describe('a refresh', () => {
  it('reads one changed instance again with two calls, and no others', async () => {
    const key = keysOf('ec2:instance')[0];
    const { resource_id } = record(key);
    const id = resource_id.slice('ec2:instance/'.length);
    await awsCall(estate.engine, region, 'ec2', 'stop-instances', { InstanceIds: [id] });
    const others = [...store.records.values()].filter((other) => other.key !== key);

    const refreshed = await scanner.refresh([key ?? '']);

    expect(record(key).state).toBe('stopped');
    expect(refreshed.counts).toMatchObject({ discovered: 1, changed: 1, embedded: 1 });
    expect(refreshed.aws_calls).toBe(2);
    for (const other of others) expect(store.records.get(other.key)).toBe(other);
  });

  it('names what is gone', async () => {
    const gone = [
      `123456789012-${region}-ec2:subnet/subnet-0123456789abcdef0`,
      `123456789012-${region}-lambda:function/no-such-function`,
      `123456789012-${region}-rds:db/no-such-database`,
      `123456789012-${region}-s3:bucket/no-such-bucket`,
    ];
    const refreshed = await scanner.refresh(gone);
    expect(refreshed.errors).toEqual([]);
    expect(refreshed.missing_keys.sort()).toEqual(gone);
    expect(refreshed.counts.discovered).toBe(0);
  });

  it('marks what AWS no longer has, and nothing where AWS did not say so', async () => {
    const bucket = { Bucket: 'here-and-gone' };
    const made = {
      ...bucket,
      CreateBucketConfiguration: { LocationConstraint: region },
    };
    await awsCall(estate.engine, region, 's3api', 'create-bucket', made);
    const key = `123456789012-${region}-s3:bucket/${bucket.Bucket}`;
    expect((await scanner.refresh([key])).counts).toMatchObject({ created: 1, missing: 0 });
    const others = store.missing.size;
    await awsCall(estate.engine, region, 's3api', 'delete-bucket', bucket);
    const fault = estate.aws.faults.add({ kind: 'deny', operation: 'ListBuckets' });
    const refused = await scanner.refresh([key]);
    expect(refused).toMatchObject({ missing_keys: [], counts: { missing: 0 } });
    fault.remove();

    const events: ScanEvent[] = [];
    const gone = await scanner.refresh([key], { onEvent: (event) => events.push(event) });
    expect(gone).toMatchObject({ status: 'complete', missing_keys: [key], counts: { missing: 1 } });
    expect(gone.differences.missing).toEqual([key]);
    expect(events.filter(({ type }) => type === 'missing')).toMatchObject([{ keys: [key] }]);
    expect(store.missing.size).toBe(others + 1);
    const again = await scanner.refresh([key]);
    expect(again).toMatchObject({ missing_keys: [key], counts: { missing: 0 } });

    await awsCall(estate.engine, region, 's3api', 'create-bucket', made);
    expect((await scanner.refresh([key])).differences.changed).toMatchObject([
      { key, fields: expect.arrayContaining(['/missing_since']) },
    ]);
    await awsCall(estate.engine, region, 's3api', 'delete-bucket', bucket);
    store.records.delete(key);
  });

  it('of one of each type finds just those', async () => {
    const keys = ['ec2:security-group', 'lambda:function', 'rds:cluster', 's3:bucket'].flatMap(
      (type) => keysOf(type).slice(0, 1),
    );
    const refreshed = await scanner.refresh(keys);
    expect(refreshed).toMatchObject({ status: 'complete', errors: [], missing_keys: [] });
    expect(refreshed.counts).toMatchObject({ discovered: keys.length, unchanged: keys.length });
  });

  it('says which accounts it has no credentials for', async () => {
    const refreshed = await scanner.refresh([`210987654321-${region}-ec2:instance/i-1`]);
    expect(refreshed.status).toBe('failed');
    expect(refreshed.errors).toEqual([
      expect.objectContaining({ code: 'ACCOUNT_MISMATCH', account_id: '210987654321' }),
    ]);
    expect(refreshed.missing_keys).toEqual([]);
  });
});

describe('hostile names and tags', () => {
  it('come through as they are, and do nothing', async () => {
    const key = keysOf('ec2:instance').at(-1);
    const id = record(key).resource_id.slice('ec2:instance/'.length);
    const hostile: Record<string, string> = {
      Name: '$(touch /tmp/owned); `id`; "; DROP TABLE resource; --',
      constructor: '../../etc/passwd',
      'file:///etc/passwd': 'file:///etc/passwd',
      '--profile': '--endpoint-url=http://192.0.2.1',
      bidi: '\u202Eevil\u2066',
      quotes: `'"\\ {"a":[1]} <script>`,
      emoji: '\u{1F4A5} ünïcödé 漢字',
      long: 'x'.repeat(256),
    };
    const Tags = Object.entries({ ...hostile, ['__proto__']: 'polluted' }).map(([Key, Value]) => ({
      Key,
      Value,
    }));
    await awsCall(estate.engine, region, 'ec2', 'create-tags', { Resources: [id], Tags });
    const refreshed = await scanner.refresh([key ?? '']);
    expect(refreshed.errors).toEqual([]);
    const { tags, name, text } = record(key);
    expect(name).toBe(hostile['Name']);
    expect(tags).toMatchObject(hostile);
    expect(Object.hasOwn(tags ?? {}, '__proto__')).toBe(true);
    expect(text.length).toBeLessThanOrEqual(1000);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
