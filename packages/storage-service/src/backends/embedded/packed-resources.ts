import type { StoredResource } from '../backend.ts';
import type { Part } from './parts.ts';
import { recordWithBody, type ResourceRow } from './record-rows.ts';

/** Resources as they cross the thread: text, which is cloned quicker than objects, and one buffer that moves. */
export interface PackedResources {
  /** JSON of a `Head` or null for each resource. */
  heads: string;
  bodies: string[];
  /** The sealed bytes, one behind the other. */
  bytes: Uint8Array<ArrayBuffer>;
  isLast: boolean;
}

type Head = Omit<ResourceRow, 'body' | 'sealed'> & { sealed: number };

/** Makes one message of rows as they were read. */
export function packResources({ rows, isLast }: Part<ResourceRow | null>): PackedResources {
  const there = rows.filter((row) => row !== null);
  const bytes = new Uint8Array(there.reduce((sum, { sealed }) => sum + sealed.length, 0));
  let at = 0;
  for (const { sealed } of there) {
    bytes.set(sealed, at);
    at += sealed.length;
  }
  const heads = rows.map((row): Head | null =>
    row === null
      ? null
      : { beside: row.beside, evaluatedAt: row.evaluatedAt, sealed: row.sealed.length },
  );
  return { heads: JSON.stringify(heads), bodies: there.map(({ body }) => body), bytes, isLast };
}

/** Takes a message apart; the sealed bytes are views of its buffer. */
export function unpackResources({
  heads,
  bodies,
  bytes,
}: PackedResources): (StoredResource | null)[] {
  // Both ends of the thread are this package: `packResources` wrote it.
  const parsed: (Head | null)[] = JSON.parse(heads);
  let body = 0;
  let at = 0;
  return parsed.map((head) => {
    if (head === null) return null;
    const { beside, evaluatedAt, sealed } = head;
    return {
      record: recordWithBody(bodies[body++] ?? '', beside, evaluatedAt),
      sealed: bytes.subarray(at, (at += sealed)),
    };
  });
}
