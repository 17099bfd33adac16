const REMEMBERED = 2000;

/** Operations as `service operation`, with `*` for any text: `ecr get-login*`, `organizations *-account*`. */
export class OperationPatterns {
  readonly #names = new Set<string>();
  readonly #globs: string[] = [];
  /** What the globs said: a playbook asks the same of many steps. Bounded, since a server chooses the names. */
  readonly #known = new Map<string, boolean>();

  constructor(patterns: Iterable<string>) {
    for (const pattern of patterns) {
      if (pattern.includes('*')) this.#globs.push(pattern);
      else this.#names.add(pattern);
    }
  }

  has(service: string, operation: string): boolean {
    const name = `${service} ${operation}`;
    if (this.#names.has(name)) return true;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const matches = this.#globs.some((glob) => matchesGlob(glob, name));
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(name, matches);
    return matches;
  }
}

/** `*` stands for any text, everything else for itself. Linear: each piece is looked for once, from the left. */
export function matchesGlob(pattern: string, text: string): boolean {
  const pieces = pattern.split('*');
  const first = pieces.shift() ?? '';
  const last = pieces.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let position = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return position <= text.length - last.length;
}
