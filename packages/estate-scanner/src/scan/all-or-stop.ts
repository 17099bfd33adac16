/** Waits for all; the first that rejects stops the others, and they are waited for as well. */
export async function allOrStop<Value>(
  stop: AbortController,
  work: readonly Promise<Value>[],
): Promise<Value[]> {
  for (const promise of work) promise.catch((error: unknown) => stop.abort(error));
  await Promise.allSettled(work);
  return Promise.all(work);
}
