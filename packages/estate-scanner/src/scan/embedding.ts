import { abortError } from '../aws/abort.ts';
import { sha256 } from '../content-hash.ts';
import type { Embedder, EstateItem, StoredResource } from '../ports.ts';
import type { Resource } from '../resource.ts';
import { untilAborted } from '../until-aborted.ts';

/**
 * Embeds the texts whose vectors are not stored already: same model, same text. Equal texts are embedded once. Items without a
 * vector keep the stored one.
 */
export async function addVectors(
  resources: readonly Resource[],
  stored: readonly (StoredResource | null)[],
  embedder: Embedder,
  signal: AbortSignal,
): Promise<{ items: EstateItem[]; embedded: number }> {
  const marks = resources.map(({ text }) => ({ model: embedder.model, text_hash: sha256(text) }));
  const texts = new Map<string, string>();
  for (const [index, resource] of resources.entries()) {
    const mark = marks[index];
    const before = stored[index]?.embedding;
    if (mark === undefined) continue;
    if (before?.model === mark.model && before.text_hash === mark.text_hash) continue;
    texts.set(mark.text_hash, resource.text);
  }
  const vectors = new Map<string, Float32Array>();
  if (texts.size > 0) {
    const hashes = [...texts.keys()];
    // An embedder that does not heed the signal must not hold up who aborts.
    const work = embedder.embed([...texts.values()], { signal });
    const made = await untilAborted(work, signal, abortError);
    for (const [index, hash] of hashes.entries()) {
      vectors.set(hash, checkVector(made[index], embedder.dimensions));
    }
  }
  let embedded = 0;
  const items = resources.map((resource, index): EstateItem => {
    const mark = marks[index] ?? null;
    const vector = mark === null ? undefined : vectors.get(mark.text_hash);
    if (vector !== undefined) embedded += 1;
    return {
      record: { ...resource, embedding: mark },
      ...(vector !== undefined && { vector }),
    };
  });
  return { items, embedded };
}

/** A vector that is wrong would be found by nothing, or spoil every comparison with it. */
function checkVector(vector: unknown, dimensions: number): Float32Array {
  if (vector === undefined) throw new Error('the embedder returned fewer vectors than texts');
  if (!(vector instanceof Float32Array) || vector.length !== dimensions) {
    throw new Error(`the embedder returned what is no vector of ${dimensions} numbers`);
  }
  if (!vector.every((value) => Number.isFinite(value))) {
    throw new Error('the embedder returned a vector with a number that is not finite');
  }
  return vector;
}
