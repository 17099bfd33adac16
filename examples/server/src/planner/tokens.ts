/** One word of a message. */
export interface Token {
  /** As it was written, without quotes. */
  raw: string;
  /** In lower case. */
  word: string;
  /** Whether it stood in quotes: then it is a name and nothing else. */
  quoted: boolean;
  /** Whether a comma, semicolon or full stop came after it. */
  pause: boolean;
}

/** More words than this are not one request. */
export const MAX_TOKENS = 400;
// A quoted string, or a run of anything but spaces and the punctuation that separates.
const TOKEN = /"([^"]{1,256})"|“([^”]{1,256})”|(?<![\w])'([^']{1,256})'|([^\s,;!?"“”()]+)|[,;!?]/gu;

/** Splits a message into words, one more than {@link MAX_TOKENS} at the most. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.normalize('NFKC').matchAll(TOKEN)) {
    const quoted = match[1] ?? match[2] ?? match[3];
    if (quoted !== undefined) {
      tokens.push({ raw: quoted, word: quoted.toLowerCase(), quoted: true, pause: false });
    } else if (match[4] === undefined) {
      const last = tokens.at(-1);
      if (last !== undefined) last.pause = true;
    } else {
      const raw = match[4].replace(/[.:…]+$/u, '').replaceAll('’', "'");
      const pause = raw.length < match[4].length;
      // "checkout's databases", "what's running"
      const word = raw.toLowerCase().replace(/'s$/u, '');
      if (word !== '') tokens.push({ raw, word, quoted: false, pause });
    }
    if (tokens.length > MAX_TOKENS) break;
  }
  return tokens;
}
