import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { EmbeddedBackend } from '../../src/backends/embedded/embedded-backend.ts';
import { QdrantBackend } from '../../src/backends/qdrant/qdrant-backend.ts';
import { describeStorageBackend } from '../../src/testing/index.ts';
import { differentAnswers } from '../qdrant/same-answers.ts';

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
  const openNew = () => {
    const prefix = `cloudops_test_${randomUUID()}`;
    prefixes.push(prefix);
    return open(prefix);
  };
  describeStorageBackend({ describe, it, expect }, { name: 'qdrant (server)', open: openNew });
  it('answers as the embedded backend does', async () => {
    const embedded = await EmbeddedBackend.open({ path: ':memory:' });
    expect(await differentAnswers([embedded, await openNew()])).toEqual([]);
  });
});
