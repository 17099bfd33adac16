import type { CommandRunner } from './ports.ts';
import type { Resource } from './resource.ts';
import { ServiceScannerRegistry } from './registry.ts';
import { EstateScanner } from './scanner.ts';
import type { ScanReport } from './report.ts';
import type { ServiceScanner } from './service-scanner.ts';
import {
  type Findings,
  arnsOfNothing,
  findingsInResources,
  findingsInScanner,
} from './testing/findings.ts';
import { uncoveredCalls } from './testing/permissions.ts';
import { Recording } from './testing/recording.ts';

/** What the contract needs of a test framework: vitest and jest have it. */
export interface TestTools {
  describe: (title: string, define: () => void) => unknown;
  it: (title: string, test: () => Promise<void>, timeoutMs?: number) => unknown;
  expect: (value: unknown) => { toEqual: (expected: unknown) => unknown };
}

/** A scanner and an AWS that has at least one resource of each of its types. */
export interface ContractSubject {
  scanner: ServiceScanner;
  /** Runs the AWS CLI against an endpoint for tests. Called in each test, so a hook may have started it. */
  engine: () => CommandRunner;
  /** Where the resources are; for a global scanner where its calls go. */
  region: string;
  /** Types that the endpoint cannot have. Default: none. */
  absent?: readonly string[];
  /** Texts that the endpoint holds and no resource may: values of secrets. Default: none. */
  secrets?: readonly string[];
  /** IAM actions of calls that are not named like their operation: `{ 'apigateway get-rest-apis': 'apigateway:GET' }`. */
  permissionNames?: Readonly<Record<string, string>>;
  /** For one test, which runs the CLI several times. Default 120,000 ms. */
  timeoutMs?: number;
}

/** One scan and what it found. */
interface Scanned {
  report: ScanReport;
  resources: Resource[];
  recording: Recording;
  /** What was yielded a second time: a scan keeps the first of a key, and nobody would notice. */
  twice: string[];
}

/**
 * Defines the tests that every service scanner passes: what it says of itself is whole, what it yields is valid and its own, a second
 * scan finds the same, its calls have their permissions, a call that AWS refuses is told, and a refresh finds one resource and misses
 * one that is not there. The endpoint is scanned three times; refusals are tried on what the first scan was answered.
 */
export function describeServiceScanner(tools: TestTools, subject: ContractSubject): void {
  const { describe, it, expect } = tools;
  const { scanner, region, absent = [], secrets = [], timeoutMs = 120_000 } = subject;
  const scan = (runner: CommandRunner, keys?: string[]) => scanOnce(runner, scanner, region, keys);
  // The first scan serves all tests, whichever runs first; a retried test scans again.
  let scanning: Promise<Scanned> | undefined;
  const first = (): Promise<Scanned> => {
    scanning ??= recordedScan(subject).catch((error: unknown) => {
      scanning = undefined;
      throw error;
    });
    return scanning;
  };
  const expectNone = (findings: Findings) =>
    expect(findings).toEqual(Object.fromEntries(Object.keys(findings).map((what) => [what, []])));

  describe(`service scanner "${scanner.service}"`, () => {
    it('says what its types are and which permissions its calls need', async () => {
      expectNone(findingsInScanner(scanner));
      await Promise.resolve();
    });

    it(
      'finds every type completely, each resource once and whole',
      async () => {
        const { report, resources, twice, recording } = await first();
        expect([report.status, report.errors]).toEqual(['complete', []]);
        const types = new Set(resources.map(({ resource_type }) => resource_type));
        const unseen = scanner.resourceTypes.filter((type) => !types.has(type));
        expect({ 'types not found': unseen }).toEqual({ 'types not found': [...absent] });
        const everything = JSON.stringify(resources);
        expectNone({
          ...findingsInResources(resources, region),
          'ids that are not unique': twice,
          'ARNs with tags that no resource has': arnsOfNothing(recording.taggedArns, resources),
          'secrets in a resource': secrets.filter((secret) => everything.includes(secret)),
        });
      },
      timeoutMs,
    );

    it(
      'finds the same again',
      async () => {
        const again = await scan(subject.engine());
        expect(again.resources.length > 0).toEqual(true);
        expect(hashes(again.resources)).toEqual(hashes((await first()).resources));
      },
      timeoutMs,
    );

    it(
      'names the permission of every call it makes',
      async () => {
        const { calls } = (await first()).recording;
        const { requiredPermissions } = scanner;
        expectNone({
          'calls without a permission': uncoveredCalls(
            calls,
            requiredPermissions,
            subject.permissionNames,
          ),
        });
      },
      timeoutMs,
    );

    it(
      'tells of a call that AWS refuses, and takes it for nothing else',
      async () => {
        const { recording } = await first();
        const untold: string[] = [];
        const broken: string[] = [];
        for (const call of recording.calls) {
          const { report } = await scan(recording.refusing(call));
          if (report.errors.length === 0) untold.push(call);
          if (report.errors.some(({ kind }) => kind === 'scanner')) broken.push(call);
        }
        expectNone({ 'refusals that nobody is told of': untold, 'calls that break it': broken });
      },
      timeoutMs,
    );

    it(
      'finds one resource again, and misses one that is not there',
      async () => {
        const { resources } = await first();
        const [one] = resources;
        if (one === undefined) throw new Error('the endpoint has no resource of this service');
        const gone = `${one.key}-not-there`;
        const { report, resources: found } = await scan(subject.engine(), [one.key, gone]);
        expect(report.errors).toEqual([]);
        expect(hashes(found)).toEqual(hashes([one]));
        expect(report.missing_keys).toEqual([gone]);
      },
      timeoutMs,
    );
  });
}

async function recordedScan({ engine, scanner, region }: ContractSubject): Promise<Scanned> {
  const recording = new Recording(engine());
  const seen = new Set<string>();
  const twice: string[] = [];
  const watched: ServiceScanner = {
    ...scanner,
    async *scan(context) {
      for await (const found of scanner.scan(context)) {
        // What is no resource at all is the scan's to tell.
        const { account_id, region: itsRegion, resource_type, id } = Object(found);
        const key = [account_id, itsRegion, resource_type, id].join(' ').trim();
        if (seen.has(key)) twice.push(key);
        seen.add(key);
        yield found;
      }
    },
  };
  return { ...(await scanOnce(recording, watched, region)), recording, twice };
}

async function scanOnce(
  engine: CommandRunner,
  scanner: ServiceScanner,
  region: string,
  keys?: string[],
): Promise<{ report: ScanReport; resources: Resource[] }> {
  const registry = new ServiceScannerRegistry().register(scanner);
  const estate = new EstateScanner({ engine, registry, iam: false });
  const resources: Resource[] = [];
  const onEvent = (event: { type: string; resource?: Resource }): void => {
    if (event.resource !== undefined) resources.push(event.resource);
  };
  const report = keys
    ? await estate.refresh(keys, { onEvent })
    : await estate.scan({ regions: [region], onEvent });
  return { report, resources };
}

function hashes(resources: readonly Resource[]): string[] {
  return resources.map(({ key, content_hash }) => `${key} ${content_hash}`).sort();
}
