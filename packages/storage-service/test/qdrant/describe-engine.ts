import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { QdrantBackend } from '../../src/backends/qdrant/qdrant-backend.ts';
import { describeStorageBackend } from '../../src/testing/index.ts';
import { EmbeddedBackend } from '../../src/backends/embedded/embedded-backend.ts';
import { edgeEngine } from './edge-engine.ts';
import { installEngine } from './install-engine.ts';
import { describeOnePlace } from './one-place.ts';
import { differentAnswers } from './same-answers.ts';
import { startQdrantStandIn } from './stand-in.ts';

/**
 * Runs the contract suite against Qdrant's own storage engine behind the stand-in for its server.
 *
 * @param version of Qdrant
 * @param packageVersion of `qdrant-edge-py`, which has the engine of that version
 */
export async function describeEngine(version: string, packageVersion: string): Promise<void> {
  const python = await installEngine(packageVersion);
  const server =
    python === null ? null : await startQdrantStandIn({ version, engine: edgeEngine(python) });
  afterAll(() => server?.close());
  describe.skipIf(server === null)(`on the engine of Qdrant ${version}`, () => {
    const open = () =>
      QdrantBackend.open({
        kind: 'qdrant',
        url: server?.url ?? '',
        collectionPrefix: randomUUID(),
      });
    describeStorageBackend({ describe, it, expect }, { name: 'qdrant (engine)', open });
    describeOnePlace(() => server?.url ?? '');
    it('answers as the embedded backend does', async () => {
      const embedded = await EmbeddedBackend.open({ path: ':memory:' });
      expect(await differentAnswers([embedded, await open()])).toEqual([]);
    });
  });
}
