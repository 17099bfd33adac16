import { afterAll, expect, it } from 'vitest';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { QdrantConnection } from '../../src/backends/qdrant/connection.ts';
import { QdrantEstateWriter } from '../../src/backends/qdrant/estate-writer.ts';
import { QdrantPoints } from '../../src/backends/qdrant/points.ts';
import { sealerOf } from '../../src/encryption/sealer.ts';
import { planChange, writeOf } from '../../src/estate-changes.ts';
import { resource } from '../../src/testing/fixtures.ts';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';

const server = await startQdrantStandIn();
afterAll(() => server.close());

/** Points between whose change and the look at it something else happens. */
class InterruptedPoints extends QdrantPoints {
  between: () => Promise<unknown> = async () => {};

  override async change(...operations: Parameters<QdrantPoints['change']>): Promise<void> {
    await super.change(...operations);
    await this.between();
  }
}

it('knows its own write where another has followed before it looks', async () => {
  const backend = { kind: 'qdrant', url: server.url } as const;
  await using storage = await StorageService.open({ backend, keys: noEncryption() });
  const connection = await QdrantConnection.open(backend, 10_000);
  const points = new InterruptedPoints(connection, 'cloudops_estate');
  const writer = new QdrantEstateWriter(points);
  const record = resource('i-followed');
  const write = async (state: string) => {
    const [stored = null] = await writer.digests([record.key]);
    const item = { record: { ...record, state }, vector: undefined };
    const change = planChange(item, stored, '2026-01-01T00:00:00.000Z');
    return writer.write([writeOf(change, null, sealerOf(null))]);
  };
  const follow = async (state: string) => {
    points.between = async () => {};
    return storage.estate.upsert([{ record: { ...record, state } }]);
  };
  // Made here, and changed there at once.
  points.between = () => follow('second');
  expect(await write('first')).toEqual([]);
  points.between = () => follow('fourth');
  expect(await write('third')).toEqual([]);
  expect((await storage.estate.get([record.key]))[0]?.state).toBe('fourth');
  const history = await storage.estate.history(record.key);
  expect(history.map(({ kind }) => kind)).toEqual(['changed', 'changed', 'changed']);
  // What was decided on something older is still refused.
  const [stale = null] = await writer.digests([record.key]);
  await follow('fifth');
  const item = { record: { ...record, state: 'late' }, vector: undefined };
  const late = writeOf(planChange(item, stale, '2026-01-01T00:00:00.000Z'), null, sealerOf(null));
  expect(await writer.write([late])).toEqual([record.key]);
});
