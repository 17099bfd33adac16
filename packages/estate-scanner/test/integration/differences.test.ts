import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AwsCallError } from '../../src/aws/errors.ts';
import type { ScanEvent } from '../../src/events.ts';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import type { DiscoveredResource } from '../../src/resource.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { listedScanner } from '../support/listed-scanner.ts';
import { MemoryStore } from '../support/memory-store.ts';

const account = '123456789012';
const regions = ['eu-west-1', 'us-east-1'];
const refused = new AwsCallError('things list', {
  kind: 'denied',
  code: 'AccessDenied',
  message: 'no',
  scp: false,
});
let estate: FakeEstate;
/** What is there, by region; a function may break in the middle. */
let there: Record<string, Iterable<DiscoveredResource>>;
let store: MemoryStore;

const thing = (id: string, changes: Partial<DiscoveredResource> = {}): DiscoveredResource => ({
  resource_type: 'things:thing',
  id,
  state: 'on',
  tags: { team: 'web' },
  attributes: { size: 1 },
  ...changes,
});
function* broken(): Generator<DiscoveredResource> {
  yield thing('a');
  throw refused;
}
const registry = () =>
  new ServiceScannerRegistry().register(
    listedScanner('things', 'things:thing', ({ region }) => there[region] ?? []),
    listedScanner('places', 'places:place', () => there['global'] ?? [], 'global'),
  );
/** Times are in milliseconds: what was seen in the very one in which a scan begins counts as seen since. */
const nextScan = () => sleep(3);
const scanner = (known = registry()) => {
  const made = new EstateScanner({ engine: estate.engine, store, registry: known, iam: false });
  const scan: EstateScanner['scan'] = async (options) => {
    await nextScan();
    return made.scan(options);
  };
  return { scan };
};
const key = (region: string, id: string, type = 'things:thing') =>
  `${account}-${region}-${type}/${id}`;

beforeAll(async () => {
  estate = await startFakeEstate();
});
afterAll(() => estate[Symbol.asyncDispose]());
beforeEach(() => {
  store = new MemoryStore();
  there = { 'eu-west-1': [thing('a'), thing('b'), thing('c')], 'us-east-1': [thing('d')] };
});

describe('a second scan', () => {
  it('says what came, what changed in which fields, and what is gone', async () => {
    const first = await scanner().scan({ regions });
    expect(first.counts).toMatchObject({ created: 4, missing: 0 });
    expect(first.differences).toMatchObject({ changed: [], missing: [], omitted: 0 });
    expect(first.differences.created).toHaveLength(4);

    there['eu-west-1'] = [
      thing('a'),
      thing('b', { state: 'off', tags: { team: 'data', 'a/b': '1' }, attributes: { size: 2 } }),
      thing('new'),
    ];
    const events: ScanEvent[] = [];
    const second = await scanner().scan({ regions, onEvent: (event) => events.push(event) });
    expect(second.counts).toMatchObject({ created: 1, changed: 1, unchanged: 2, missing: 1 });
    expect(second.differences).toEqual({
      created: [key('eu-west-1', 'new')],
      changed: [
        {
          key: key('eu-west-1', 'b'),
          fields: ['/state', '/tags/team', '/tags/a~1b', '/attributes/size', '/text'],
        },
      ],
      missing: [key('eu-west-1', 'c')],
      omitted: 0,
    });
    expect(events.find((event) => event.type === 'missing')).toEqual({
      type: 'missing',
      account_id: account,
      region: 'eu-west-1',
      service: 'things',
      keys: [key('eu-west-1', 'c')],
    });
    const told = events.flatMap((event) =>
      event.type === 'resource' ? `${event.change ?? ''} ${event.resource.key.slice(-3)}` : [],
    );
    expect(told.sort()).toEqual(['changed g/b', 'created new', 'unchanged g/a', 'unchanged g/d']);

    there['eu-west-1'] = [thing('a'), thing('b'), thing('c'), thing('new')];
    const third = await scanner().scan({ regions });
    const back = third.differences.changed.find(
      ({ key: found }) => found === key('eu-west-1', 'c'),
    );
    expect(back?.fields).toEqual(['/missing_since']);
  });

  it('marks nothing in a scope that was not read to its end, and in none that it did not read', async () => {
    await scanner().scan({ regions });
    there = {
      'eu-west-1': broken(),
      'us-east-1': [],
    };
    const cut = await scanner().scan({ regions: ['eu-west-1'] });
    expect(cut.scopes).toMatchObject([{ status: 'complete' }, { status: 'partial' }]);
    expect(cut.counts.missing).toBe(0);
    expect([...store.missing.keys()]).toEqual([]);
    const other = await scanner().scan({ regions: ['us-east-1'] });
    expect(other.differences.missing).toEqual([key('us-east-1', 'd')]);
  });

  it('marks a global thing in the regions that it was asked about alone', async () => {
    const place = (id: string, region: string) =>
      thing(id, { resource_type: 'places:place', region });
    there = { global: [place('x', 'eu-west-1'), place('y', 'us-east-1'), place('z', 'global')] };
    await scanner().scan({ regions });
    there = { global: [] };
    const narrow = await scanner().scan({ regions: ['eu-west-1'], services: ['places'] });
    expect(narrow.differences.missing.sort()).toEqual([
      key('eu-west-1', 'x', 'places:place'),
      key('global', 'z', 'places:place'),
    ]);
    const all = await scanner().scan({ services: ['places'] });
    expect(all.differences.missing).toEqual([key('us-east-1', 'y', 'places:place')]);
  });

  it('marks nothing of a type while something of it was found in no known region', async () => {
    const place = (region: string) => thing('x', { resource_type: 'places:place', region });
    there = { global: [place('eu-west-1')] };
    await scanner().scan({ services: ['places'] });
    there = { global: [place('unknown')] };
    const report = await scanner().scan({ services: ['places'] });
    expect(report.differences.missing).toEqual([]);
  });

  it('leaves a type to the scanner that is first to find it', async () => {
    await scanner().scan({ regions });
    const some = registry().register(
      listedScanner('some-things', 'things:thing', () => [thing('a')]),
    );
    const report = await scanner(some).scan({ regions, services: ['some-things'] });
    expect(report.differences.missing).toEqual([]);
  });
});

describe('two scans at once on one store', () => {
  it('mark nothing that the other has just seen', async () => {
    await scanner().scan({ regions });
    const reports = await Promise.all([scanner().scan({ regions }), scanner().scan({ regions })]);
    expect(reports.map(({ status, counts }) => [status, counts.missing])).toEqual([
      ['complete', 0],
      ['complete', 0],
    ]);
    expect(store.missing.size).toBe(0);
    expect(store.records.size).toBe(4);
  });
});

describe('a clock that is set back between two scans', () => {
  it('marks too little rather than too much, and makes no time negative', async () => {
    await scanner().scan({ regions });
    there['eu-west-1'] = [];
    let clock = Date.now() - 86_400_000;
    const options = { engine: estate.engine, store, registry: registry(), iam: false as const };
    const now = () => (clock -= 60_000);
    const report = await new EstateScanner({ ...options, now }).scan({ regions });
    expect(report.status).toBe('complete');
    expect(report.counts.missing).toBe(0);
    expect(report.duration_ms).toBeGreaterThanOrEqual(0);
    expect(report.scopes.every(({ duration_ms }) => duration_ms >= 0)).toBe(true);
  });
});

describe('a store', () => {
  it('that cannot mark what is missing is no obstacle', async () => {
    const plain = { upsert: store.upsert.bind(store), get: store.get.bind(store) };
    const options = {
      engine: estate.engine,
      store: plain,
      registry: registry(),
      iam: false as const,
    };
    const report = await new EstateScanner(options).scan({ regions });
    expect(report).toMatchObject({ status: 'complete', counts: { missing: 0 } });
  });

  it('that fails to mark ends the scan with STORE_FAILED', async () => {
    store.markMissing = () => Promise.reject(new Error('disk full'));
    await expect(scanner().scan({ regions })).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });
});
