/** So many are worked on at once before others get a turn on the event loop. */
const itemsPerTurn = 64;

/** Works through a list, in order, and lets others have their turn on the event loop now and then. */
export async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => R,
): Promise<R[]> {
  const results: R[] = [];
  await eachInTurns(items, (item, index) => {
    results.push(work(item, index));
  });
  return results;
}

/** The same where nothing comes of it. */
export async function eachInTurns<T>(
  items: readonly T[],
  work: (item: T, index: number) => void,
): Promise<void> {
  for (const [index, item] of items.entries()) {
    if (index % itemsPerTurn === itemsPerTurn - 1) await nextTurn();
    work(item, index);
  }
}

/** Resolves when others on the event loop have had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
