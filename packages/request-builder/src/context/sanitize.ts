import { stripVTControlCharacters } from 'node:util';

/** A text without what cannot be seen, and how many characters that were. */
export interface Sanitized {
  text: string;
  stripped: number;
}

/**
 * Control characters other than tab and line breaks, format characters (zero-width, bidirectional, tags), what Unicode says may be ignored, and lone surrogates.
 * A model reads them, a person does not: https://www.unicode.org/reports/tr36/ and the "ASCII smuggling" attacks with U+E0000 tags.
 */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Cs}]|(?![\t\n\r])\p{Cc}/gu;
const suspicious = /[^\t\n\r\u0020-\u007e]/;

/** Strips terminal sequences and invisible and control characters; line breaks and tabs stay. */
export function sanitize(input: string): Sanitized {
  if (!suspicious.test(input)) return { text: input, stripped: 0 };
  const text = stripVTControlCharacters(input).replace(invisible, '');
  return { text, stripped: input.length - text.length };
}

/**
 * The same text with everything invisible written out (`\u{202e}`): for what a person has to judge before it runs, where nothing may hide and nothing may be left away.
 */
export function reveal(input: string): string {
  if (!/[^\t\n\u0020-\u007e]/.test(input)) return input;
  // A carriage return lets a terminal write over what stood there.
  return input.replaceAll('\r', '\\u{d}').replace(invisible, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
