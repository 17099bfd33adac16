import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { EmbeddedBackend } from '../../src/backends/embedded/embedded-backend.ts';
import { describeStorageBackend } from '../../src/testing/index.ts';

const folder = await mkdtemp(join(tmpdir(), 'cloudops-storage-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
let files = 0;

describeStorageBackend(
  { describe, it, expect },
  {
    name: 'embedded (file)',
    open: () => EmbeddedBackend.open({ path: join(folder, `${(files += 1)}.db`) }),
  },
);

describeStorageBackend(
  { describe, it, expect },
  { name: 'embedded (memory)', open: () => EmbeddedBackend.open({ path: ':memory:' }) },
);
