import { Answers } from '../lister.ts';
import type { Entry, Written } from './entry.ts';
import { Ids } from './ids.ts';
import { kinds } from './kinds.ts';
import { expand, readLine, repeat, wordsOf } from './lines.ts';

/** An estate that is written down in lines: its resources, and what AWS answers in each account. */
export class Inventory implements Written {
  readonly entries: Entry[] = [];
  readonly #ids = new Ids();

  /** @param text the lines of one account; `# …` is a remark */
  read(text: string): void {
    let account = '';
    let region = '';
    const sets = new Map<string, Record<string, string>>();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('# '));
    for (const line of repeat(lines)) {
      const [first = '', second = ''] = wordsOf(line);
      if (first === 'account') account = second;
      else if (first === 'region') region = second;
      else if (first === 'tags') sets.set(second, readLine(line).tags);
      else for (const one of expand(line)) this.#add(one, account, region, sets);
    }
  }

  #add(
    line: string,
    account: string,
    region: string,
    sets: ReadonlyMap<string, Record<string, string>>,
  ): void {
    const { name, tags, ...written } = readLine(line);
    const { sets: named, kind: word, labels, fields } = written;
    const kind = kinds[word];
    if (kind === undefined) throw new Error(`no kind ${word}: ${line}`);
    for (const set of named) if (!sets.has(set)) throw new Error(`no tags ${set}: ${line}`);
    const entry: Entry = {
      kind: word,
      name: name === '-' ? (fields['group'] ?? null) : name,
      id: '',
      arn: '',
      account,
      region: kind.isGlobal === true ? 'global' : region,
      labels,
      fields: { ...kind.defaults, ...fields },
      tags: Object.assign({}, ...named.map((set) => sets.get(set)), tags),
    };
    entry.id = kind.idPrefix === undefined ? kind.idOf(entry) : this.#ids.next(kind.idPrefix);
    entry.arn = kind.arnOf(entry);
    this.entries.push(entry);
  }

  /** The key under which a resource is stored. */
  keyOf({ account, region, kind, id }: Entry): string {
    return `${account}-${region}-${kinds[kind]?.type ?? ''}/${id}`;
  }

  /** The resource of that name; in one account, where one is given. */
  named(name: string, account?: string): Entry {
    const found = this.entries.find(
      (entry) => entry.name === name && (account === undefined || entry.account === account),
    );
    if (found === undefined) throw new Error(`nothing is called ${name}`);
    return found;
  }

  /** What the CLI answers with the credentials of each account. */
  answers(): Map<string, Answers> {
    const byAccount = new Map<string, Answers>();
    for (const entry of this.entries) {
      const answers = byAccount.get(entry.account) ?? new Answers();
      byAccount.set(entry.account, answers);
      kinds[entry.kind]?.put(answers, entry, this);
    }
    return byAccount;
  }

  idsIn({ fields, account }: Entry, field: string): string[] {
    return (fields[field] ?? '')
      .split(',')
      .filter((value) => value !== '')
      .map((value) => (value.startsWith('@') ? this.named(value.slice(1), account).id : value));
  }
}
