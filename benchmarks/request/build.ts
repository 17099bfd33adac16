import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MiniLmEmbedder } from 'cloudops-estate-scanner/embedder';
import type { BuilderStorage } from 'cloudops-request-builder';
import { noEncryption, StorageService } from 'cloudops-storage-service';
import { percentiles, percentilesOf } from '../measure/percentiles.ts';
import type { Report } from '../measure/report.ts';
import { resources, searchTexts } from '../storage/dataset.ts';
import { builderOn } from './builder.ts';

const ROUNDS = 60;
const BATCH = 2_000;

/** `build` on estates that grow, with the part of it that the store does not have. */
export async function benchBuild(report: Report, sizes: readonly number[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-request-'));
  const embedder = new MiniLmEmbedder();
  const storage = await StorageService.open({
    backend: { kind: 'embedded', path: join(folder, 'estate.db') },
    keys: noEncryption(),
    // The vectors of the estate are made up; the question's is real, and costs what it costs.
    embedder: { ...portOf(embedder), model: 'bench' },
  });
  await talk(storage);
  let have = 0;
  for (const size of sizes) {
    for (; have < size; have += BATCH) await storage.estate.upsert(resources(have, BATCH));
    const watched = new WatchedStorage(storage);
    const builder = builderOn(watched.storage);
    const own: number[] = [];
    const whole = await percentiles(ROUNDS, async (index) => {
      watched.reset();
      const start = performance.now();
      await builder.build({ message: messageOf(index), conversation_id: 'talk' });
      own.push(performance.now() - start - watched.ms);
    });
    const search = await percentiles(ROUNDS, (index) =>
      storage.estate.search({ text: messageOf(index), limit: 200 }),
    );
    const overhead = percentilesOf(own);
    report.add(`build of ${size} resources, without the store`, overhead, {
      atMost: { p95: 40 },
    });
    report.add(
      `build of ${size} resources, embedding of the question included`,
      { ...whole, 'search alone p95': search.p95 },
      { atMost: { p95: size > 50_000 ? 170 : 80 } },
    );
  }
  await storage.close();
  await embedder.close();
  rmSync(folder, { recursive: true, force: true });
}

function portOf(embedder: MiniLmEmbedder) {
  return {
    dimensions: embedder.dimensions,
    embed: async (texts: readonly string[], options?: { signal?: AbortSignal }) =>
      await embedder.embed(texts, options),
  };
}

/** Different words each time: nothing may come from a cache of the question. */
function messageOf(index: number): string {
  return `${searchTexts[index % searchTexts.length] ?? ''}, question ${index}`;
}

async function talk(storage: StorageService): Promise<void> {
  await storage.chat.appendMany(
    Array.from({ length: 40 }, (_, index) => ({
      conversation_id: 'talk',
      role: index % 2 === 0 ? ('user' as const) : ('assistant' as const),
      content: `message ${index}: ${'what was said about the estate '.repeat(10)}`,
    })),
  );
}

/** A store that adds up how long it was waited for; what runs at the same time counts once. */
class WatchedStorage {
  readonly storage: BuilderStorage;
  ms = 0;
  #running = 0;
  #since = 0;

  constructor({ chat, estate }: StorageService) {
    this.storage = {
      chat: {
        appendMany: (...input) => this.#watch(() => chat.appendMany(...input)),
        recent: (...input) => this.#watch(() => chat.recent(...input)),
      },
      estate: {
        search: (...input) => this.#watch(() => estate.search(...input)),
        facets: (...input) => this.#watch(() => estate.facets(...input)),
        get: (...input) => this.#watch(() => estate.get(...input)),
        list: (...input) => this.#watch(() => estate.list(...input)),
      },
    };
  }

  reset(): void {
    this.ms = 0;
  }

  async #watch<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running === 0) this.#since = performance.now();
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.ms += performance.now() - this.#since;
    }
  }
}
