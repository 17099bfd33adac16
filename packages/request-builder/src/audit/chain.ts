import { AuditEntry, FIRST, hashOf } from './entry.ts';

/** What is wrong with an audit log, by line from 1. */
export interface ChainFault {
  line: number;
  message: string;
}

/**
 * Reads an audit log line by line and follows its chain.
 *
 * Two processes may append at the same time: then both entries build on the same one, the first in the file counts, and the other is superseded (its writer appends it
 * again). So an entry is in the chain when it builds on the last one that is, superseded when it builds on an earlier one, and a fault when it builds on anything else.
 */
export class AuditChain {
  #head = FIRST;
  #line = 0;
  #entries = 0;
  #superseded = 0;
  #torn = 0;
  #fault: ChainFault | null = null;
  readonly #earlier = new Set<string>([FIRST]);

  /** Hash of the last entry of the chain. */
  get head(): string {
    return this.#head;
  }

  get entries(): number {
    return this.#entries;
  }

  get superseded(): number {
    return this.#superseded;
  }

  /** Lines that are no JSON: what a crash left of an entry. */
  get torn(): number {
    return this.#torn;
  }

  /** The first thing that is wrong; null where nothing is. */
  get fault(): ChainFault | null {
    return this.#fault;
  }

  /** Takes the next line. */
  add(line: string): void {
    this.#line += 1;
    if (line === '' || this.#fault !== null) return;
    const document = parseLine(line);
    if (document === undefined) {
      this.#torn += 1;
      return;
    }
    const parsed = AuditEntry.safeParse(document);
    if (!parsed.success) this.#fail('it has not the form of an entry');
    else if (hashOf(parsed.data) !== parsed.data.hash)
      this.#fail('it was changed: its hash differs');
    else this.#link(parsed.data);
  }

  #link({ previous, hash }: AuditEntry): void {
    if (previous === this.#head) {
      this.#head = hash;
      this.#earlier.add(hash);
      this.#entries += 1;
    } else if (this.#earlier.has(previous)) this.#superseded += 1;
    else this.#fail('an entry before it is missing');
  }

  #fail(message: string): void {
    this.#fault = { line: this.#line, message };
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
