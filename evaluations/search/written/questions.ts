import type { Asked } from '../study.ts';
import type { Entry } from './entry.ts';
import type { Inventory } from './inventory.ts';
import { kinds } from './kinds.ts';
import { wordsOf } from './lines.ts';

/**
 * Reads `question => selector | selector`. A selector names kinds, `#labels`, fields (`state:stopped`), tags (`Env=prd`) and names
 * (`name~web-*`) that all must hold; `*` at the end is anything. `{@name}` in a question is an id, `{@name 9}` its beginning, `{arn @name}` an ARN.
 */
export function readQuestions(text: string, inventory: Inventory): Asked[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
  return lines.map((line) => {
    const [question = '', wanted = ''] = line.split(' => ');
    const selectors = wanted.split(' | ').map((selector) => wordsOf(selector));
    const answers = inventory.entries.filter((entry) =>
      selectors.some((words) => words.every((word) => holds(entry, word))),
    );
    if (answers.length === 0) throw new Error(`no resource answers: ${line}`);
    return {
      text: withIds(question, inventory),
      right: new Set(answers.map((entry) => inventory.keyOf(entry))),
    };
  });
}

function holds(entry: Entry, word: string): boolean {
  if (word.startsWith('#')) return entry.labels.includes(word);
  if (Object.hasOwn(kinds, word)) return entry.kind === word;
  const [, key = '', sign = '', value = ''] = /^([^:=~]+)([:=~])(.*)$/u.exec(word) ?? [];
  if (sign === '=') return matches(entry.tags[key], value);
  if (sign === '~') return matches(entry.name ?? undefined, value);
  if (sign === ':') {
    const { account, region } = entry;
    return matches({ account, region, ...entry.fields }[key], value);
  }
  throw new Error(`${word} selects nothing`);
}

function matches(has: string | undefined, pattern: string): boolean {
  if (has === undefined) return false;
  return pattern.endsWith('*') ? has.startsWith(pattern.slice(0, -1)) : has === pattern;
}

function withIds(question: string, inventory: Inventory): string {
  return question
    .replaceAll(/\{arn @([^}]+)\}/gu, (_, name: string) => inventory.named(name).arn)
    .replaceAll(/\{@(\S+?)(?: (\d+))?\}/gu, (_, name: string, length?: string) =>
      inventory.named(name).id.slice(0, length === undefined ? undefined : Number(length)),
    );
}
