import type { Answers, Item } from '../lister.ts';
import type { Entry, Written } from './entry.ts';
import type { Kind } from './kind.ts';

/** The tags of an entry as AWS writes them; EC2 keeps the name among them. */
export function tagList({ tags }: Entry, name?: string | null): { Key: string; Value: string }[] {
  const all = name === undefined || name === null ? tags : { Name: name, ...tags };
  return Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
}

/** What is named is known by its name. */
export function nameOf({ name, kind }: Entry): string {
  if (name === null) throw new Error(`a ${kind} without a name`);
  return name;
}

/** An ARN in the entry's account and region. */
export function arnIn({ account, region }: Entry, service: string, rest: string): string {
  return `arn:aws:${service}:${region === 'global' ? '' : region}:${account}:${rest}`;
}

/** Tells the Tagging API of a resource; what has no tags was never tagged. */
export function tell(answers: Answers, entry: Entry): void {
  if (Object.keys(entry.tags).length === 0) return;
  const item = { arn: entry.arn, tags: tagList(entry) };
  answers.add(entry.region, 'resourcegroupstaggingapi get-resources', item);
}

/** `yes` and `no`; null where nothing is said. */
export function flag(value: string | undefined): boolean | null {
  return value === undefined ? null : value === 'yes';
}

/** A kind of EC2's: an id with a prefix, the name among the tags, one list. */
export function ec2Kind(
  type: string,
  idPrefix: string,
  operation: string,
  item: (entry: Entry, idsIn: (field: string) => string[]) => Item,
  defaults: Record<string, string> = {},
): Kind {
  return {
    type: `ec2:${type}`,
    idPrefix,
    idOf: nameOf,
    arnOf: (entry) => arnIn(entry, 'ec2', `${type}/${entry.id}`),
    defaults,
    put(answers, entry, written: Written) {
      answers.add(entry.region, `ec2 ${operation}`, {
        id: entry.id,
        tags: tagList(entry, entry.fields['group'] === undefined ? entry.name : null),
        state: entry.fields['state'],
        ...item(entry, (field) => written.idsIn(entry, field)),
      });
    },
  };
}
