import { topologicalOrder } from './graph.ts';

/** One question: has `source` ended before `step` begins? */
export interface OrderQuestion {
  source: number;
  step: number;
}

/** Sources that are followed in one pass: 32 words for each node of the graph. */
const BLOCK = 1024;
const WORD = 32;

/**
 * Which of the questions have no for an answer. The graph must have no cycle.
 *
 * A set of all ancestors of every step of a long chain would take quadratic memory, and looking for them step by step
 * quadratic time. So a thousand sources at once are followed through the graph, as bits: a plan of 50,000 steps, each
 * with a ref to another far away, takes some tens of passes.
 */
export function unordered(
  questions: readonly OrderQuestion[],
  dependencies: readonly (readonly number[])[],
): OrderQuestion[] {
  // Most refs are to a direct dependency.
  const open = questions.filter(({ source, step }) => !dependencies[step]?.includes(source));
  const bySource = new Map<number, OrderQuestion[]>(open.map(({ source }) => [source, []]));
  for (const question of open) bySource.get(question.source)?.push(question);
  const sources = [...bySource.keys()];
  const order = open.length === 0 ? [] : topologicalOrder(dependencies);
  const found: OrderQuestion[] = [];
  for (let from = 0; from < sources.length; from += BLOCK) {
    const block = sources.slice(from, from + BLOCK);
    const reach = reachOf(block, order, dependencies);
    for (const [bit, source] of block.entries()) {
      for (const question of bySource.get(source) ?? []) {
        if (!reach(question.step, bit)) found.push(question);
      }
    }
  }
  return found;
}

/** Answers whether a node comes behind the source of a bit. */
function reachOf(
  sources: readonly number[],
  order: readonly number[],
  dependencies: readonly (readonly number[])[],
): (node: number, bit: number) => boolean {
  const words = Math.ceil(sources.length / WORD);
  const bits = new Uint32Array(dependencies.length * words);
  const bitOf = new Map(sources.map((source, bit) => [source, bit]));
  for (const node of order) {
    for (const before of dependencies[node] ?? []) {
      for (let word = 0; word < words; word += 1) {
        const at = node * words + word;
        bits[at] = (bits[at] ?? 0) | (bits[before * words + word] ?? 0);
      }
      const bit = bitOf.get(before);
      if (bit === undefined) continue;
      const at = node * words + Math.floor(bit / WORD);
      bits[at] = (bits[at] ?? 0) | (1 << (bit % WORD));
    }
  }
  return (node, bit) => {
    const word = bits[node * words + Math.floor(bit / WORD)] ?? 0;
    return ((word >>> (bit % WORD)) & 1) === 1;
  };
}
