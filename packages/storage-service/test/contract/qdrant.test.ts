import { afterAll, describe, expect, it } from 'vitest';
import { QdrantBackend } from '../../src/backends/qdrant/qdrant-backend.ts';
import { describeStorageBackend } from '../../src/testing/index.ts';
import { startQdrantStandIn } from '../qdrant/stand-in.ts';

const server = await startQdrantStandIn();
afterAll(() => server.close());
let stores = 0;

describeStorageBackend(
  { describe, it, expect },
  {
    name: 'qdrant (stand-in)',
    open: () => {
      stores += 1;
      return QdrantBackend.open({
        kind: 'qdrant',
        url: server.url,
        collectionPrefix: `store_${stores}`,
      });
    },
  },
);
