/** One line of an inventory or of a selector: its first word, and what follows. */
export interface Line {
  kind: string;
  name: string;
  /** `#label` */
  labels: string[];
  /** `key:value` */
  fields: Record<string, string>;
  /** `Key=Value` */
  tags: Record<string, string>;
  /** `+set`: names of sets of tags. */
  sets: string[];
}

/** The words of a line; `"…"` keeps spaces. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s"]|"[^"]*")+/gu)].map(([word]) => word.replaceAll('"', ''));
}

/** Reads `kind name +set #label key:value Key=Value …`. */
export function readLine(line: string): Line {
  const [kind = '', name = '', ...words] = wordsOf(line);
  const read: Line = { kind, name, labels: [], fields: {}, tags: {}, sets: [] };
  for (const word of words) {
    const [, key = '', sign, value = ''] = /^([^:=]+)([:=])(.*)$/u.exec(word) ?? [];
    if (word.startsWith('#')) read.labels.push(word);
    else if (word.startsWith('+')) read.sets.push(word.slice(1));
    else if (sign === ':') read.fields[key] = value;
    else if (sign === '=') read.tags[key] = value;
    else throw new Error(`${word} in "${line}" says nothing`);
  }
  return read;
}

/**
 * Writes out the ranges of a line, all of them at once: `web-{1..3} ip:10.0.0.{4..6}` is three lines, and a shorter range begins anew.
 */
export function expand(line: string): string[] {
  const ranges = [...line.matchAll(/\{([^{}]+)\}/gu)].map(([, inside = '']) => valuesOf(inside));
  const count = Math.max(1, ...ranges.map((values) => values.length));
  return Array.from({ length: count }, (_, index) => {
    let range = 0;
    return line.replaceAll(/\{[^{}]+\}/gu, () => {
      const values = ranges[range++] ?? [];
      return values[index % values.length] ?? '';
    });
  });
}

/** `01..12`, `a..f`, or a list with commas. */
function valuesOf(inside: string): string[] {
  const [from, to] = inside.split('..');
  if (from === undefined || to === undefined) return inside.split(',');
  const isNumber = /^\d+$/u.test(from);
  const first = isNumber ? Number(from) : (from.codePointAt(0) ?? 0);
  const last = isNumber ? Number(to) : (to.codePointAt(0) ?? 0);
  return Array.from({ length: last - first + 1 }, (_, index) =>
    isNumber
      ? String(first + index).padStart(from.length, '0')
      : String.fromCodePoint(first + index),
  );
}

/** Repeats what stands between `each E a b` and `end`, with `$E` replaced. */
export function repeat(lines: readonly string[]): string[] {
  const repeated: string[] = [];
  let open: { letter: string; values: string[]; body: string[] } | null = null;
  for (const line of lines) {
    const [first, letter = '', ...values] = line.split(' ');
    if (first === 'each') open = { letter, values, body: [] };
    else if (first === 'end' && open !== null) {
      const { body, letter: of } = open;
      for (const value of open.values) {
        repeated.push(...body.map((one) => one.replaceAll(`$${of}`, value)));
      }
      open = null;
    } else (open?.body ?? repeated).push(line);
  }
  return repeated;
}
