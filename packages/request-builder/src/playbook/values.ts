import { isRef, refTarget, type RefTarget } from 'cloudops-execution-engine';

/** A text somewhere in a document, with its path. */
export interface Leaf {
  path: (string | number)[];
  text: string;
}

/** Every string of a JSON value, names of members not included. */
export function leavesOf(value: unknown): Leaf[] {
  const leaves: Leaf[] = [];
  collectLeaves(value, [], leaves);
  return leaves;
}

/** One path for the whole walk, copied where something is found: most of what is walked is not. */
function collectLeaves(value: unknown, path: (string | number)[], leaves: Leaf[]): void {
  if (typeof value === 'string') {
    leaves.push({ path: [...path], text: value });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [name, item] of membersOf(value)) {
    path.push(name);
    collectLeaves(item, path, leaves);
    path.pop();
  }
}

/** The members of an object or the elements of an array, with their names or indexes. */
function membersOf(value: object): Iterable<[string | number, unknown]> {
  return Array.isArray(value) ? value.entries() : Object.entries(value);
}

/** The target of a value that is a reference; null where it is none. */
export function refTargetOf(value: unknown): RefTarget | null {
  return isRef(value) && typeof value.$ref === 'string' ? refTarget(value.$ref) : null;
}
