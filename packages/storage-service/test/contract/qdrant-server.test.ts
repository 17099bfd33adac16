import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { QdrantBackend } from '../../src/backends/qdrant/qdrant-backend.ts';
import { describeStorageBackend } from '../../src/testing/index.ts';

const url = process.env['QDRANT_URL'] ?? null;
const apiKey = process.env['QDRANT_API_KEY'] ?? null;
const prefixes: string[] = [];
const open = (collectionPrefix: string) =>
  QdrantBackend.open({ kind: 'qdrant', url: url ?? '', apiKey, collectionPrefix });

if (url === null) console.log('qdrant: skipped, QDRANT_URL is not set');

describe.skipIf(url === null)('a real server', () => {
  afterAll(async () => {
    for (const prefix of prefixes) {
      const backend = await open(prefix);
      await backend.dropCollections();
      await backend.close();
    }
  });
  describeStorageBackend(
    { describe, it, expect },
    {
      name: 'qdrant (server)',
      open: () => {
        const prefix = `cloudops_test_${randomUUID()}`;
        prefixes.push(prefix);
        return open(prefix);
      },
    },
  );
});
