import type { EstateRecord, SearchMode } from 'cloudops-storage-service';
import type { Asked } from './study.ts';

export const modes = ['keyword', 'semantic', 'hybrid'] as const satisfies readonly SearchMode[];
type Mode = (typeof modes)[number];

/** Where the first right answer stood, from 1, by way of searching; null where it was not among the first 50. */
export interface Measured {
  estate: string;
  set: string;
  text: string;
  ranks: Record<Mode, number | null>;
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
export async function ranksOf(
  searchable: Searchable,
  { text, right }: Asked,
): Promise<Measured['ranks']> {
  const rank = async (mode: SearchMode): Promise<number | null> => {
    const found = await searchable.search({ text, mode, limit: 50 });
    const index = found.findIndex(({ record }) => right.has(record.key));
    return index < 0 ? null : index + 1;
  };
  return {
    keyword: await rank('keyword'),
    semantic: await rank('semantic'),
    hybrid: await rank('hybrid'),
  };
}

/** Hit rate among the first five, and the mean reciprocal rank of the first right answer. */
export function summarize(
  measured: readonly Measured[],
  mode: Mode,
): { questions: number; 'hit@5': number; MRR: number } {
  const ranks = measured.map((one) => one.ranks[mode]);
  const mean = (value: (rank: number | null) => number) =>
    Number((ranks.reduce<number>((sum, rank) => sum + value(rank), 0) / ranks.length).toFixed(3));
  return {
    questions: ranks.length,
    'hit@5': mean((rank) => (rank !== null && rank <= 5 ? 1 : 0)),
    MRR: mean((rank) => (rank === null ? 0 : 1 / rank)),
  };
}
