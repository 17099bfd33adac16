import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { QdrantBackend } from '../../src/backends/qdrant/qdrant-backend.ts';
import { describeStorageBackend } from '../../src/testing/index.ts';
import { describeOnePlace } from '../qdrant/one-place.ts';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';

const server = await startQdrantStandIn();
afterAll(() => server.close());

describeStorageBackend(
  { describe, it, expect },
  {
    name: 'qdrant (stand-in)',
    open: () =>
      QdrantBackend.open({ kind: 'qdrant', url: server.url, collectionPrefix: randomUUID() }),
  },
);

describeOnePlace(() => server.url);
