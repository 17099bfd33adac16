import type { Answers } from './lister.ts';

/** A question, and the keys of everything that answers it. */
export interface Asked {
  text: string;
  right: ReadonlySet<string>;
}

/** An estate with its questions. */
export interface Study {
  estate: string;
  /** What the CLI answers, by account. */
  accounts: ReadonlyMap<string, Answers>;
  regions: string[];
  /** What a scan must find, neither more nor less. */
  keys: ReadonlySet<string>;
  /** `tuned`: texts and ranking were tried with them; `held out`: written before, searched after. */
  sets: Readonly<Record<string, Asked[]>>;
}
