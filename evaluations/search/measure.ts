import type { EstateRecord, SearchMode } from 'cloudops-storage-service';
import type { Estate } from './estate.ts';
import { answers, type Question } from './questions.ts';

export const modes = ['keyword', 'semantic', 'hybrid'] as const satisfies readonly SearchMode[];

/** Where the first right answer stood, from 1, by way of searching; null where it was not among the first 50. */
export interface Measured {
  set: string;
  text: string;
  ranks: Record<(typeof modes)[number], number | null>;
}

/** What is searched. */
interface Searchable {
  search(options: {
    text: string;
    mode: SearchMode;
    limit: number;
  }): Promise<{ record: EstateRecord }[]>;
}

/** Asks one question in each mode. */
export async function measure(
  searchable: Searchable,
  estate: Estate,
  set: string,
  [text, wanted]: Question,
): Promise<Measured> {
  const right = [...estate.facts].filter(([, fact]) => answers(fact, wanted));
  if (right.length === 0) throw new Error(`no resource answers "${text}"`);
  const ids = new Set(right.map(([id]) => id));
  const rank = async (mode: SearchMode): Promise<number | null> => {
    const found = await searchable.search({ text, mode, limit: 50 });
    const index = found.findIndex(({ record }) => ids.has(record.resource_id));
    return index < 0 ? null : index + 1;
  };
  const ranks = {
    keyword: await rank('keyword'),
    semantic: await rank('semantic'),
    hybrid: await rank('hybrid'),
  };
  return { set, text, ranks };
}

/** Hit rate among the first five, and the mean reciprocal rank of the first right answer. */
export function summarize(
  set: string,
  mode: (typeof modes)[number],
  measured: readonly Measured[],
): { set: string; mode: string; questions: number; 'hit@5': number; MRR: number } {
  const ranks = measured.map((one) => one.ranks[mode]);
  const mean = (value: (rank: number | null) => number) =>
    Number((ranks.reduce<number>((sum, rank) => sum + value(rank), 0) / ranks.length).toFixed(3));
  return {
    set,
    mode,
    questions: ranks.length,
    'hit@5': mean((rank) => (rank !== null && rank <= 5 ? 1 : 0)),
    MRR: mean((rank) => (rank === null ? 0 : 1 / rank)),
  };
}
