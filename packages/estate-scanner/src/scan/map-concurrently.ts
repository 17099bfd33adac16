/**
 * Runs work for each item, at most `limit` at once, and yields results as they come. When one fails, or the reader stops, no
 * further item is begun and what has begun is waited for.
 */
export async function* mapConcurrently<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  limit: number,
): AsyncGenerator<Result> {
  const running = new Map<number, Promise<{ id: number; result: Result }>>();
  let next = 0;
  const take = async (): Promise<Result> => {
    const { id, result } = await Promise.race(running.values());
    running.delete(id);
    return result;
  };
  try {
    for await (const item of items) {
      const id = next;
      next += 1;
      const begun = work(item).then((result) => ({ id, result }));
      // It may fail while the next item is awaited, before anyone looks: take() sees it then.
      begun.catch(() => undefined);
      running.set(id, begun);
      if (running.size >= limit) yield await take();
    }
    while (running.size > 0) yield await take();
  } finally {
    await Promise.allSettled(running.values());
  }
}
