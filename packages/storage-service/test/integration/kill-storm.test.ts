import { join } from 'node:path';
import { expect, it } from 'vitest';
import { killStorm } from '../kill-storm.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = temporaryFolder();

it(
  'keeps every acknowledged write through 10 rounds of kill -9',
  { timeout: 180_000 },
  async () => {
    expect(await killStorm(join(folder, 'store.db'), join(folder, 'key'), 10)).toBeGreaterThan(20);
  },
);
