/** Something that waits in a heap. The heap writes down where it stands, so that it can be taken out from anywhere. */
export interface HeapEntry {
  /** Its place in the heap; -1 where it is in none. */
  place: number;
}

/** A binary heap: adding, taking the first and taking any other out cost O(log n). */
export class Heap<Entry extends HeapEntry> {
  readonly #entries: Entry[] = [];
  readonly #goesBefore: (a: Entry, b: Entry) => boolean;

  /** @param goesBefore a strict total order */
  constructor(goesBefore: (a: Entry, b: Entry) => boolean) {
    this.#goesBefore = goesBefore;
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.length;
  }

  /** The one that comes first; undefined where there is none. */
  get first(): Entry | undefined {
    return this.#entries[0];
  }

  /** Adds one. */
  push(entry: Entry): void {
    this.#rise(entry, this.#entries.length);
  }

  /** Takes the first out; undefined where there is none. */
  pop(): Entry | undefined {
    const { first } = this;
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes one out, wherever it stands. Does nothing where it is not in the heap. */
  remove(entry: Entry): void {
    const { place } = entry;
    if (this.#entries[place] !== entry) return;
    entry.place = -1;
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    this.#rise(last, place);
    this.#sink(last);
  }

  #rise(entry: Entry, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = this.#entries[(at - 1) >>> 1];
      if (parent === undefined || !this.#goesBefore(entry, parent)) break;
      const above = parent.place;
      this.#put(parent, at);
      at = above;
    }
    this.#put(entry, at);
  }

  #sink(entry: Entry): void {
    let at = entry.place;
    for (;;) {
      const left = this.#entries[2 * at + 1];
      if (left === undefined) break;
      const right = this.#entries[2 * at + 2];
      const first = right !== undefined && this.#goesBefore(right, left) ? right : left;
      if (!this.#goesBefore(first, entry)) break;
      const below = first.place;
      this.#put(first, at);
      at = below;
    }
    this.#put(entry, at);
  }

  #put(entry: Entry, place: number): void {
    this.#entries[place] = entry;
    entry.place = place;
  }
}
