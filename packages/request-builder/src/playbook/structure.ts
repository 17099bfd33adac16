import { toPointer, type Finding } from '../errors.ts';

/** Deeper than any command needs, and far from what would exhaust the stack of whoever walks it. */
const MAX_DEPTH = 64;

/**
 * What no schema gets to see: a depth that would exhaust the stack, and keys that JavaScript drops or takes for something else.
 *
 * @returns null where a parsed JSON document is safe to walk
 */
export function findStructureFault(document: unknown): Finding | null {
  const open: { value: unknown; path: readonly string[] }[] = [{ value: document, path: [] }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (path.length >= MAX_DEPTH) {
      return { pointer: toPointer(path), message: `nested deeper than ${MAX_DEPTH}` };
    }
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__') {
        return { pointer: toPointer([...path, key]), message: 'not an allowed name' };
      }
      if (typeof item === 'object') open.push({ value: item, path: [...path, key] });
    }
  }
  return null;
}
