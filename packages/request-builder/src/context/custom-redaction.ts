import vm from 'node:vm';

/** A pattern of the host's own, besides the built-in ones. */
export interface CustomRedaction {
  /** Appears in the mask and in the counts; `[a-z0-9_]`. */
  kind: string;
  /** With the flag `g`; the whole match is masked. One that takes too long on a text masks all of it. */
  pattern: RegExp;
}

/** Up to here a flat pattern cannot take long: two variable repetitions are at most the cube of it in steps. */
const SHORT_CHARACTERS = 256;
/** The second, longer try is for a busy machine, whose clock runs on while it does something else. */
const TIMEOUTS_MS = [100, 1000];

const script = new vm.Script(`text.replace(pattern, (match) => {
  if (match === '') return '';
  matches += 1;
  return mask;
})`);
let context: vm.Context | undefined;
const flatness = new WeakMap<RegExp, boolean>();

/**
 * Masks what a pattern of the host's matches. The patterns of JavaScript may backtrack without end, so anything but a simple pattern on a short text runs with a time limit; where
 * that is reached, nothing of the text can be said to be clean, and all of it is masked.
 *
 * @param count is called for every mask, and gives it
 */
export function maskCustom(
  text: string,
  { kind, pattern }: CustomRedaction,
  count: (kind: string) => string,
): string {
  if (text.length <= SHORT_CHARACTERS && isFlat(pattern)) {
    return text.replace(pattern, (match) => (match === '' ? '' : count(kind)));
  }
  const masked = maskInTime(text, pattern, `[redacted:${kind}]`);
  if (masked === null) return count(kind);
  for (let n = 0; n < masked.matches; n += 1) count(kind);
  return masked.text;
}

function maskInTime(
  text: string,
  pattern: RegExp,
  mask: string,
): { text: string; matches: number } | null {
  context ??= vm.createContext(Object.create(null));
  for (const timeout of TIMEOUTS_MS) {
    Object.assign(context, { text, pattern, mask, matches: 0 });
    try {
      const masked = String(script.runInContext(context, { timeout }));
      return { text: masked, matches: Number(context['matches']) };
    } catch (error) {
      const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
      if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    } finally {
      pattern.lastIndex = 0;
    }
  }
  return null;
}

/** Whether a pattern repeats nothing but single characters, and no more than two of them a variable number of times. */
function isFlat(pattern: RegExp): boolean {
  const known = flatness.get(pattern);
  if (known !== undefined) return known;
  // Classes and escapes are single characters; a reference to a group is not.
  const plain = pattern.source
    .replaceAll(/\[(?:[^\]\\]|\\.)*\]/g, 'x')
    .replaceAll(/\\[^\dk]/g, 'x');
  const variable = plain.match(/[*+]|\{\d+,\d*\}/g) ?? [];
  const isFlatPattern = !plain.includes('\\') && !/\)[*+?{]/.test(plain) && variable.length <= 2;
  flatness.set(pattern, isFlatPattern);
  return isFlatPattern;
}
