import { maskCustom, type CustomRedaction } from './custom-redaction.ts';
import { redactNamed } from './redact-named.ts';
import { isSecretName, kindOf } from './secret-names.ts';
import {
  bareSecret,
  bearer,
  beginKey,
  element,
  endKey,
  option,
  placedPatterns,
  spokenPatterns,
  tokenPatterns,
} from './secret-patterns.ts';

/** How many secrets of which kind were masked. */
export type RedactionCounts = Record<string, number>;

type Count = (kind: string) => string;

/**
 * Masks secrets in a text: AWS keys and session tokens, well-known tokens, private keys, passwords in URLs, `key=value` and `"key": "value"`, XML, YAML, headers and command line options.
 *
 * Linear in the length of the text. A mask reads `[redacted:KIND]`.
 *
 * @param counts is added to
 */
export function redactText(
  text: string,
  counts: RedactionCounts,
  custom: readonly CustomRedaction[] = [],
): string {
  if (text.length < 8 && custom.length === 0) return text;
  const count: Count = (kind) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    return `[redacted:${kind}]`;
  };
  let result = redactPrivateKeys(text, count);
  for (const redaction of custom) result = maskCustom(result, redaction, count);
  for (const [kind, pattern] of tokenPatterns) result = result.replace(pattern, () => count(kind));
  for (const [kind, pattern] of placedPatterns) {
    result = result.replace(pattern, (whole, before: string, value: string) =>
      isMasked(value) ? whole : before + count(kind),
    );
  }
  result = redactOptions(redactNamed(result, count), count);
  result = result.replace(element, (whole, tag: string, value: string) =>
    isMasked(value) || !isSecretName(tag.slice(1, -1)) ? whole : tag + count(kindOf(tag)),
  );
  for (const pattern of spokenPatterns) {
    result = result.replace(pattern, (whole, before: string, value: string) =>
      isMasked(value) || isWord(value) ? whole : before + count('password'),
    );
  }
  result = result.replace(bearer, (whole, scheme: string, space: string, value: string) =>
    /[\d=]/.test(value) || value.length >= 24 ? scheme + space + count('token') : whole,
  );
  return result.replace(bareSecret, (value) =>
    looksLikeSecretKey(value) ? count('aws_secret_key') : value,
  );
}

function redactOptions(text: string, count: Count): string {
  return text.replace(option, (...match: unknown[]) => {
    const [whole, name, double, single, bare] = match.map((part) =>
      typeof part === 'string' ? part : '',
    );
    const value = `${double}${single}${bare}`;
    if (value === '' || isMasked(value) || !isSecretName(`${name}`.trim())) return `${whole}`;
    const quote = /^["']?/.exec(`${whole}`.slice(`${name}`.length))?.[0] ?? '';
    return `${name}${quote}${count(kindOf(`${name}`))}`;
  });
}

/** "the password is expired" says nothing; "the password is hunter2" does. */
function isWord(value: string): boolean {
  return /^[A-Za-z]*[.,;:!?)]*$/.test(value);
}

function isMasked(value: string): boolean {
  return value.includes('[redacted:');
}

/** 40 characters of base64 as AWS makes them: mixed, and not a hash, a path or a word. */
function looksLikeSecretKey(value: string): boolean {
  if (!/[a-z]/.test(value) || !/[A-Z]/.test(value) || !/\d/.test(value)) return false;
  const seen = new Map<string, number>();
  for (const character of value) seen.set(character, (seen.get(character) ?? 0) + 1);
  let entropy = 0;
  for (const times of seen.values()) entropy -= (times / 40) * Math.log2(times / 40);
  return entropy >= 4.1;
}

/** From their first to their last line. */
function redactPrivateKeys(text: string, count: Count): string {
  if (!text.includes('PRIVATE KEY')) return text;
  let rest = text;
  let result = '';
  for (let begin = beginKey.exec(rest); begin !== null; begin = beginKey.exec(rest)) {
    const body = rest.slice(begin.index + begin[0].length);
    const end = endKey.exec(body);
    result += rest.slice(0, begin.index) + count('private_key');
    // Without its end the key was cut off: what follows is still key.
    rest = end === null ? '' : body.slice(end.index + end[0].length);
  }
  return result + rest;
}
