/**
 * Yields what several sources yield, as it comes, all of them read at once and each no further ahead than one item. When one fails, or
 * the reader stops, the others are ended and waited for.
 */
export async function* merge<Item>(
  sources: readonly AsyncIterable<Item>[],
): AsyncGenerator<Item, void> {
  const iterators = sources.map((source) => source[Symbol.asyncIterator]());
  const pending = new Map<
    AsyncIterator<Item>,
    Promise<{ iterator: AsyncIterator<Item>; result: IteratorResult<Item> }>
  >();
  const pull = (iterator: AsyncIterator<Item>): void => {
    const next = iterator.next().then((result) => ({ iterator, result }));
    // It may fail while another's item is being read: the race below sees it then.
    next.catch(() => undefined);
    pending.set(iterator, next);
  };
  try {
    for (const iterator of iterators) pull(iterator);
    while (pending.size > 0) {
      const { iterator, result } = await Promise.race(pending.values());
      if (result.done === true) pending.delete(iterator);
      else {
        pull(iterator);
        yield result.value;
      }
    }
  } finally {
    await Promise.allSettled(iterators.map(async (iterator) => iterator.return?.()));
  }
}
