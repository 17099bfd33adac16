import { toPointer, type Finding } from '../errors.ts';

/** Deeper than any command needs, and far from what would exhaust the stack of whoever walks it. */
const MAX_DEPTH = 64;

/** A value with the way that led to it; the way is only written down where something is wrong. */
interface Place {
  value: object;
  key: string;
  depth: number;
  parent: Place | null;
}

/**
 * What no schema gets to see: a depth that would exhaust the stack, and keys that JavaScript drops or takes for something else.
 *
 * @returns null where a parsed JSON document is safe to walk
 */
export function findStructureFault(document: unknown): Finding | null {
  if (typeof document !== 'object' || document === null) return null;
  const open: Place[] = [{ value: document, key: '', depth: 0, parent: null }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (place.depth >= MAX_DEPTH) {
      return { pointer: toPointer(pathOf(place)), message: `nested deeper than ${MAX_DEPTH}` };
    }
    for (const [key, item] of Object.entries(place.value)) {
      if (key === '__proto__') {
        return { pointer: toPointer([...pathOf(place), key]), message: 'not an allowed name' };
      }
      if (typeof item === 'object' && item !== null) {
        open.push({ value: item, key, depth: place.depth + 1, parent: place });
      }
    }
  }
  return null;
}

function pathOf(place: Place): string[] {
  const path: string[] = [];
  for (let at = place; at.parent !== null; at = at.parent) path.unshift(at.key);
  return path;
}
