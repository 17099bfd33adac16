import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ServiceScannerRegistry } from '../../src/registry.ts';
import type { DiscoveredResource } from '../../src/resource.ts';
import { EstateScanner } from '../../src/scanner.ts';
import { type FakeEstate, startFakeEstate } from '../support/fake-estate.ts';
import { listedScanner } from '../support/listed-scanner.ts';
import { caller as guest, production as owner } from '../support/many-accounts.ts';
import { MemoryStore } from '../support/memory-store.ts';

const regions = ['eu-west-1'];
const subnetKey = `${owner}-eu-west-1-ec2:subnet/subnet-1`;
const vpcKey = `${owner}-eu-west-1-ec2:vpc/vpc-1`;
const serverKey = `${guest}-eu-west-1-ec2:instance/i-1`;
const ownerRole = { role_arn: `arn:aws:iam::${owner}:role/Scan` };
let estate: FakeEstate;
let store: MemoryStore;
let isShared: boolean;

/** The owner's subnet, as the owner sees it and as a guest does: without its tags. The fake AWS cannot share subnets. */
async function* networks(at: { account_id: string }): AsyncGenerator<DiscoveredResource> {
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (at.account_id === guest && !isShared) return;
  yield {
    resource_type: 'ec2:subnet',
    id: 'subnet-1',
    account_id: owner,
    arn: `arn:aws:ec2:eu-west-1:${owner}:subnet/subnet-1`,
    tags: at.account_id === owner ? { Name: 'private-a' } : {},
    relations: [{ type: 'in_vpc', resource_type: 'ec2:vpc', id: 'vpc-1' }],
  };
}

function* servers({ account_id }: { account_id: string }): Generator<DiscoveredResource> {
  if (account_id !== guest) return;
  yield {
    resource_type: 'ec2:instance',
    id: 'i-1',
    relations: [{ type: 'in_subnet', resource_type: 'ec2:subnet', id: 'subnet-1' }],
  };
}

const scanner = () =>
  new EstateScanner({
    engine: estate.engine,
    store,
    iam: false,
    registry: new ServiceScannerRegistry().register(
      listedScanner('servers', 'ec2:instance', servers),
      listedScanner('networks', 'ec2:subnet', networks),
    ),
  });

beforeAll(async () => {
  estate = await startFakeEstate();
});
afterAll(() => estate[Symbol.asyncDispose]());
beforeEach(() => {
  store = new MemoryStore();
  isShared = true;
});

describe('a subnet that another account shares', () => {
  it.each([1, 2])(
    'is one resource of its owner, seen from both (%i accounts at once)',
    async (accountConcurrency) => {
      const accounts = [{}, ownerRole];
      const report = await scanner().scan({ accounts, regions, accountConcurrency });
      expect(report).toMatchObject({ status: 'complete', errors: [] });
      expect([...store.records.keys()].sort()).toEqual([serverKey, subnetKey].sort());
      const subnet = store.records.get(subnetKey);
      expect(subnet?.visible_from).toEqual([guest, owner]);
      expect(subnet?.relations).toEqual([{ type: 'in_vpc', target: vpcKey }]);
    },
  );

  it('keeps what its owner knows of it when a guest sees it again, and does not change by it', async () => {
    await scanner().scan({ accounts: [ownerRole], regions });
    await scanner().scan({ regions });
    const again = await scanner().scan({ regions });
    expect(again.counts).toMatchObject({ changed: 0, unchanged: 2 });
    expect(store.records.get(subnetKey)).toMatchObject({
      tags: { Name: 'private-a' },
      name: null,
      visible_from: [guest, owner],
    });
  });

  it('is what a server in it points at, also when the server alone is scanned again', async () => {
    await scanner().scan({ regions });
    const points = () => store.records.get(serverKey)?.relations;
    expect(points()).toEqual([{ type: 'in_subnet', target: subnetKey }]);
    const alone = await scanner().scan({ regions, services: ['servers'] });
    expect(points()).toEqual([{ type: 'in_subnet', target: subnetKey }]);
    expect(alone.counts).toMatchObject({ unchanged: 1, changed: 0 });
    expect((await scanner().refresh([serverKey])).counts.unchanged).toBe(1);
  });

  it('is not missing because a guest no longer sees it', async () => {
    await scanner().scan({ accounts: [{}, ownerRole], regions });
    isShared = false;
    const report = await scanner().scan({ regions });
    expect(report.differences.missing).toEqual([]);
  });

  it('is refreshed through an account that sees it; one that nobody sees is not said to be gone', async () => {
    await scanner().scan({ regions });
    const seen = await scanner().refresh([subnetKey, serverKey]);
    expect(seen).toMatchObject({ status: 'complete', errors: [], missing_keys: [] });
    expect(seen.counts.discovered).toBe(2);
    isShared = false;
    const unseen = await scanner().refresh([subnetKey]);
    expect(unseen).toMatchObject({ status: 'failed', missing_keys: [] });
    expect(unseen.errors).toMatchObject([{ code: 'ACCOUNT_MISMATCH', account_id: owner }]);
  });

  it('waits for nobody where services are scanned one by one', async () => {
    const one = new EstateScanner({
      engine: estate.engine,
      store,
      iam: false,
      concurrency: { services: 1, regions: 1 },
      registry: new ServiceScannerRegistry().register(
        listedScanner('servers', 'ec2:instance', servers),
        listedScanner('networks', 'ec2:subnet', networks),
      ),
    });
    expect((await one.scan({ regions })).status).toBe('complete');
    expect(store.records.get(serverKey)?.relations[0]?.target).toBe(subnetKey);
  });
});
