import type { Answers } from '../lister.ts';
import type { Entry, Written } from './entry.ts';

/** How a kind of thing is told by the CLI. */
export interface Kind {
  type: string;
  /** Ids are made with it; without it they are made by `idOf`. */
  idPrefix?: string;
  idOf(entry: Entry): string;
  arnOf(entry: Entry): string;
  isGlobal?: boolean;
  /** Fields that most of them have. */
  defaults?: Record<string, string>;
  put(answers: Answers, entry: Entry, written: Written): void;
}
