import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Study } from './study.ts';
import { Inventory } from './written/inventory.ts';
import { readQuestions } from './written/questions.ts';

/**
 * An estate of `estates/`: inventories of one account each, and `questions.txt`.
 *
 * @param set whether its questions were looked at while texts and ranking were made
 */
export function writtenStudy(estate: string, set: 'tuned' | 'held out'): Study {
  const directory = join(import.meta.dirname, 'estates', estate);
  const read = (file: string): string => readFileSync(join(directory, file), 'utf8');
  const inventory = new Inventory();
  for (const file of readdirSync(directory).sort()) {
    if (file !== 'questions.txt') inventory.read(read(file));
  }
  const { entries } = inventory;
  const regions = new Set(entries.map(({ region }) => region));
  return {
    estate,
    accounts: inventory.answers(),
    regions: [...regions].filter((region) => region !== 'global'),
    keys: new Set(entries.map((entry) => inventory.keyOf(entry))),
    sets: { [set]: readQuestions(read('questions.txt'), inventory) },
  };
}
