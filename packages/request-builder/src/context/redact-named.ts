import { isSecretName, kindOf, SECRET_WORDS } from './secret-names.ts';

/** Gives the mask of a kind, and counts it. */
type Count = (kind: string) => string;

/** The secret word of a name, and what follows of the name. */
const word = new RegExp(String.raw`(?:${SECRET_WORDS})[\w.-]{0,40}`, 'gi');

/* What may follow a name, from its end on. */
const separator = /\\{0,3}["']?\s{0,4}(?:=>|[:=])\s{0,4}/y;
const block = /["']?[ \t]{0,4}:[ \t]{0,4}[|>][-+\d]{0,2}[ \t]{0,4}\r?\n/y;
const list = /\[(?!redacted:)[^\][]{1,4096}(?=\])/y;
const restOfLine = /[^\s"'|>[{][^\r\n]*/y;
const value =
  /"(?:[^"\\\n]|\\.)*|'(?:[^'\\\n]|\\.)*|\\{1,3}"[^"\\\n]*|(?:bearer |basic |digest )?[^\s"',;&}\])\\[{][^\s"',;&}\])\\]*/iy;

/**
 * Masks values whose name says that they are secret: `password=…`, `"apiKey": "…"`, `secret => '…'`, `"passwords": ["…"]`, and in YAML whole lines and blocks.
 *
 * The names are found in one scan; around each, only what is bounded or consumed is looked at.
 */
export function redactNamed(text: string, count: Count): string {
  let result = '';
  let from = 0;
  word.lastIndex = 0;
  for (let found = word.exec(text); found !== null; found = word.exec(text)) {
    const end = found.index + found[0].length;
    const before = leading(text, found.index);
    const name = before + found[0];
    if (!isSecretName(name) || isInArn(text, found.index)) continue;
    const masked = secretBehind(text, { name, start: found.index - before.length, end });
    if (masked === null) continue;
    word.lastIndex = masked.end;
    if (masked.begin === masked.end) continue;
    result +=
      text.slice(from, masked.begin) + masked.opening + count(kindOf(name)) + masked.closing;
    from = masked.end;
  }
  return from === 0 ? text : result + text.slice(from);
}

/** What is to be replaced, and what stays around the mask; nothing where `begin` is `end`. */
interface Secret {
  begin: number;
  end: number;
  opening: string;
  closing: string;
}

interface NamePlace {
  name: string;
  start: number;
  end: number;
}

function secretBehind(text: string, { name, start, end }: NamePlace): Secret | null {
  const blockBegin = match(block, text, end);
  if (blockBegin !== null) return blockFrom(text, start, end + blockBegin.length);
  const between = match(separator, text, end);
  if (between === null) return null;
  const begin = end + between.length;
  const listed = match(list, text, begin);
  if (listed !== null) return plain(begin + 1, listed.slice(1), '"', '"');
  const line =
    between.includes(':') && isLineStart(text, start) ? match(restOfLine, text, begin) : null;
  // The verdict of a test, in a line of its own.
  if (name === 'PASS' && between.includes(':')) return null;
  if (line !== null && /\S\s+\S/.test(line)) return plain(begin, line, '', '');
  const assigned = match(value, text, begin);
  if (assigned === null) return null;
  const quote = /^\\{0,3}["']/.exec(assigned)?.[0] ?? '';
  return plain(begin + quote.length, assigned.slice(quote.length), '', '');
}

/** A secret, unless it is masked already, or none. */
function plain(begin: number, secret: string, opening: string, closing: string): Secret {
  const end = begin + secret.length;
  const isNone = secret === '' || secret.includes('[redacted:') || isHarmless(secret);
  return { begin: isNone ? end : begin, end, opening, closing };
}

/** All lines that are further to the right than the name's. */
function blockFrom(text: string, start: number, begin: number): Secret {
  const indent = indentOf(text, start);
  let end = begin;
  while (end < text.length) {
    const next = text.indexOf('\n', end);
    const after = next < 0 ? text.length : next + 1;
    const isBlank = text.slice(end, after).trim() === '';
    if (!isBlank && indentOf(text, end) <= indent) break;
    end = after;
  }
  const first = ' '.repeat(indentOf(text, begin));
  return plain(begin, text.slice(begin, end), first, '\n');
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** What a name begins with before the word that makes it secret. Not in the pattern, where every character would be tried as its start. */
function leading(text: string, offset: number): string {
  return /[\w.-]*$/.exec(text.slice(Math.max(0, offset - 40), offset))?.[0] ?? '';
}

/** `arn:aws:secretsmanager:eu-west-1:123456789012:secret:…` says where a secret is, and not what. */
function isInArn(text: string, position: number): boolean {
  return /\barn:aws[^\s"']*:$/.test(text.slice(Math.max(0, position - 100), position));
}

/** Whether nothing but blanks and a dash stand before a position in its line. */
function isLineStart(text: string, position: number): boolean {
  const before = text.slice(Math.max(0, position - 64), position);
  return /(?:^|\n)[ \t]*(?:- ?)?$/.test(before) && (position <= 64 || before.includes('\n'));
}

/** Blanks at the beginning of the line in which a position is, which is within a hundred characters of it. */
function indentOf(text: string, position: number): number {
  const before = text.slice(Math.max(0, position - 100), position);
  const line = position - before.length + before.lastIndexOf('\n') + 1;
  return /^[ \t]*/.exec(text.slice(line, line + 100))?.[0].length ?? 0;
}

function isHarmless(secret: string): boolean {
  return /^(?:true|false|null|none|undefined|\d{1,3}|\*+|arn:[\w-]+:secretsmanager:.*|\$\{?\w+\}?)$/i.test(
    secret,
  );
}
