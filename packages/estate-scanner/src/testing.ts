import type { CommandRunner } from './ports.ts';
import { Resource } from './resource.ts';
import { ServiceScannerRegistry } from './registry.ts';
import { EstateScanner } from './scanner.ts';
import type { ScanReport } from './report.ts';
import type { ServiceScanner } from './service-scanner.ts';

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
  /** For one test, which runs the CLI several times. Default 120,000 ms. */
  timeoutMs?: number;
}

/**
 * Defines the tests that every service scanner passes: what it says of itself is whole, what it yields is valid and its own, a second
 * scan finds the same, and a refresh finds one resource and misses one that is not there.
 */
export function describeServiceScanner(tools: TestTools, subject: ContractSubject): void {
  const { describe, it, expect } = tools;
  const { scanner, region, absent = [], timeoutMs = 120_000 } = subject;
  const scan = (keys?: string[]) => scanOnce(subject.engine(), scanner, region, keys);

  describe(`service scanner "${scanner.service}"`, () => {
    it('says what its types are and which permissions its calls need', async () => {
      const { requiredPermissions, resourceTypes, words } = scanner;
      const unnamed = resourceTypes.filter((type) => (words[type] ?? '').trim() === '');
      expect({ 'types without words': unnamed }).toEqual({ 'types without words': [] });
      const wrong = requiredPermissions.filter(
        (action) => !/^[a-z0-9-]+:[A-Za-z0-9]+$/u.test(action),
      );
      expect({ 'no actions of IAM': wrong }).toEqual({ 'no actions of IAM': [] });
      expect(requiredPermissions.length > 0).toEqual(true);
      await Promise.resolve();
    });

    it(
      'finds every type completely, and the same again',
      async () => {
        const [first, second] = [await scan(), await scan()];
        expect([first.report.status, first.report.errors]).toEqual(['complete', []]);
        const types = new Set(first.resources.map(({ resource_type }) => resource_type));
        const unseen = scanner.resourceTypes.filter((type) => !types.has(type));
        expect({ 'types not found': unseen }).toEqual({ 'types not found': [...absent] });
        const invalid = first.resources.filter((found) => !Resource.safeParse(found).success);
        expect(invalid).toEqual([]);
        expect(first.resources.filter(hasForeignArn)).toEqual([]);
        expect(hashes(second.resources)).toEqual(hashes(first.resources));
      },
      timeoutMs,
    );

    it(
      'finds one resource again, and misses one that is not there',
      async () => {
        const { resources } = await scan();
        const [one] = resources;
        if (one === undefined) throw new Error('the endpoint has no resource of this service');
        const gone = `${one.key}-not-there`;
        const { report, resources: found } = await scan([one.key, gone]);
        expect(found.map(({ key }) => key)).toEqual([one.key]);
        expect(report.missing_keys).toEqual([gone]);
      },
      timeoutMs,
    );
  });
}

async function scanOnce(
  engine: CommandRunner,
  scanner: ServiceScanner,
  region: string,
  keys: string[] | undefined,
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

/** Account and region of an ARN may be empty; what they say must be what the resource says. */
function hasForeignArn({ arn, account_id, region }: Resource): boolean {
  if (arn === null) return false;
  const [prefix, , , itsRegion = '', itsAccount = ''] = arn.split(':');
  return (
    prefix !== 'arn' ||
    (itsAccount !== '' && itsAccount !== account_id) ||
    (itsRegion !== '' && itsRegion !== region)
  );
}

function hashes(resources: readonly Resource[]): string[] {
  return resources.map(({ key, content_hash }) => `${key} ${content_hash}`).sort();
}
