import { EstateScanner, ServiceScannerRegistry } from 'cloudops-estate-scanner';
import { defineServiceScanner, type DiscoveredResource } from 'cloudops-estate-scanner/plugin';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REGION, startWorld, type World } from './world.ts';

/** The scanner's tests use a store in memory: here it is the real one, which only this package sees beside it. */
describe('scans into a real store', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(async () => {
    await world.close();
  });

  it('say what changed and what is missing, and the store knows it', async () => {
    let things: DiscoveredResource[] = [];
    const thing = (id: string, state: string) => ({ resource_type: 'things:thing', id, state });
    const scanner = new EstateScanner({
      engine: world.engine,
      store: world.storage.estate,
      iam: false,
      registry: new ServiceScannerRegistry().register(
        defineServiceScanner({
          service: 'things',
          resourceTypes: ['things:thing'],
          async *scan() {
            yield* things;
          },
        }),
      ),
    });
    const key = (id: string) => `123456789012-${REGION}-things:thing/${id}`;
    const scan = () => scanner.scan({ regions: [REGION] });

    things = [thing('a', 'on'), thing('b', 'on'), thing('c', 'on')];
    expect((await scan()).counts).toMatchObject({ created: 3, missing: 0 });
    things = [thing('a', 'on'), thing('b', 'off')];
    const second = await scan();
    expect(second.differences).toEqual({
      created: [],
      changed: [{ key: key('b'), fields: ['/state', '/text'] }],
      missing: [key('c')],
      omitted: 0,
    });
    expect((await world.storage.estate.get([key('c')]))[0]?.missing_since).not.toBeNull();
    const [change] = await world.storage.estate.history(key('b'));
    expect(change?.fields.map(({ path }) => path)).toEqual(second.differences.changed[0]?.fields);
    things = [thing('a', 'on'), thing('b', 'off'), thing('c', 'on')];
    const third = await scan();
    expect(third.counts).toMatchObject({ changed: 1, unchanged: 2, missing: 0 });
    expect(third.differences.changed).toEqual([{ key: key('c'), fields: ['/missing_since'] }]);
  });
});
