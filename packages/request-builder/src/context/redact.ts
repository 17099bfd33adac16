import { isSecretName, SECRET_WORDS } from './secret-names.ts';

/** A pattern of the host's own, besides the built-in ones. */
export interface CustomRedaction {
  /** Appears in the mask and in the counts; `[a-z0-9_]`. */
  kind: string;
  /** With the flag `g`; the whole match is masked. It has to run in linear time: the host vouches for it. */
  pattern: RegExp;
}

/** How many secrets of which kind were masked. */
export type RedactionCounts = Record<string, number>;

type Count = (kind: string) => string;

/**
 * Every pattern starts at something rare and cannot start again inside what it has scanned, or is bounded: so each character is looked at a bounded
 * number of times, whatever the input.
 */
const tokens: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['aws_access_key_id', /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g],
  ['aws_session_token', /(?<![A-Za-z0-9+/])(?:IQoJ|FwoG|FQoG|AQoD)[A-Za-z0-9+/=%]{60,}/g],
  ['jwt', /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g],
  [
    'webhook',
    /https:\/\/(?:hooks\.slack\.com\/services|discord(?:app)?\.com\/api\/webhooks)\/[\w/-]{8,}/g,
  ],
  [
    'token',
    /(?<![\w-])(?:AGE-SECRET-KEY-1[A-Z0-9]{50,}|SK[0-9a-f]{32}|gh[opsur]_[A-Za-z0-9]{36,}|github_pat_\w{50,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|AIza[\w-]{35}|sk-[\w-]{20,}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}|hvs\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|dop_v1_[a-f0-9]{64}|shpat_[a-f0-9]{32})/g,
  ],
];

const urlPassword = /(:\/\/[^\s/?#:@]{0,256}:)([^\s/]{1,1024})(?=@)/g;
const bearer = /(?<![A-Za-z0-9])(bearer|basic)(\s{1,4})([A-Za-z0-9._~+/=-]{8,})/gi;
const assignment = new RegExp(
  String.raw`((?:${SECRET_WORDS})[\w.-]{0,40})(\\{0,3}["']?\s{0,4}(?:=>|[:=])\s{0,4})` +
    String.raw`(?:"((?:[^"\\\n]|\\.)*)|'((?:[^'\\\n]|\\.)*)|\\{1,3}"([^"\\\n]*)|((?:bearer |basic |digest )?[^\s"',;&}\])\\]+))`,
  'gi',
);
const option = new RegExp(
  String.raw`(?<![\w-])(--[a-z-]{0,40}(?:password|passwd|secret|token|api-key)[a-z-]{0,20}\s{1,4})(["']?)([^\s"'-][^\s"']*)`,
  'gi',
);
/** Headers of which the whole line is the secret. */
const header =
  /((?<![\w-])(?:(?:set-)?cookie|(?:proxy-)?authorization)\s{0,4}:\s{0,4})((?!\[redacted:)[^\s"'\\][^\r\n"'\\]*)/gi;
const element = new RegExp(
  String.raw`(<[\w:.-]{0,40}(?:${SECRET_WORDS})[\w.-]{0,40}>)([^<]{1,4096})(?=</)`,
  'gi',
);
const userOption = /((?<![\w-])(?:-u|--user)[\s=]{1,4}["']?[^\s:"']{1,100}:)([^\s"']+)/g;
const spoken = /((?<!\w)(?:password|passphrase)\s{1,4}(?:is|was)\s{1,4}["'`]?)([^\s"'`]+)/gi;
const bareSecret = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g;

const beginKey = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
const endKey = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;

/**
 * Masks secrets in a text: AWS keys and session tokens, well-known tokens, private keys, passwords in URLs, `key=value` and `"key": "value"`, command line options.
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
  if (text.length < 8) return text;
  const count: Count = (kind) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
    return `[redacted:${kind}]`;
  };
  let result = redactPrivateKeys(text, count);
  for (const { kind, pattern } of custom) result = result.replace(pattern, () => count(kind));
  for (const [kind, pattern] of tokens) result = result.replace(pattern, () => count(kind));
  result = result.replace(urlPassword, (whole, before: string, password: string) =>
    isMasked(password) ? whole : before + count('url_password'),
  );
  result = result.replace(header, (_whole, name: string) => name + count('header'));
  result = redactAssignments(result, count);
  result = result.replace(element, (whole, tag: string, value: string) =>
    isMasked(value) || !isSecretName(tag.slice(1, -1)) ? whole : tag + count(kindOf(tag)),
  );
  for (const pattern of [userOption, spoken]) {
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

function redactAssignments(text: string, count: Count): string {
  const assigned = text.replace(assignment, (...match: unknown[]) => {
    const [whole, word, separator, double, single, escaped, bare, offset] = match.map((part) =>
      typeof part === 'string' || typeof part === 'number' ? part : '',
    );
    const value = `${double}${single}${escaped}${bare}`;
    const name = `${leading(text, Number(offset))}${word}`;
    if (value === '' || isMasked(value) || !isSecretName(name) || isHarmless(value))
      return `${whole}`;
    const quote = opening(`${whole}`.slice(`${word}${separator}`.length));
    return `${word}${separator}${quote}${count(kindOf(name))}`;
  });
  return assigned.replace(option, (whole, name: string, quote: string, value: string) =>
    isMasked(value) || !isSecretName(name.trim()) ? whole : name + quote + count(kindOf(name)),
  );
}

/** What a name begins with before the word that makes it secret. Not in the pattern, where every character would be tried as its start. */
function leading(text: string, offset: number): string {
  return /[\w.-]*$/.exec(text.slice(Math.max(0, offset - 40), offset))?.[0] ?? '';
}

/** The quote before a value, kept so that JSON with a mask in it is still JSON. */
function opening(value: string): string {
  return /^\\{0,3}["']/.exec(value)?.[0] ?? '';
}

function kindOf(name: string): string {
  if (/secret[_-]?access[_-]?key/i.test(name)) return 'aws_secret_key';
  if (/session[_-]?token/i.test(name)) return 'aws_session_token';
  if (/passw(?:or)?d|pwd|passphrase/i.test(name)) return 'password';
  return 'secret';
}

/** "the password is expired" says nothing; "the password is hunter2" does. */
function isWord(value: string): boolean {
  return /^[A-Za-z]*[.,;:!?)]*$/.test(value);
}

function isMasked(value: string): boolean {
  return value.includes('[redacted:');
}

function isHarmless(value: string): boolean {
  return /^(?:true|false|null|none|undefined|\d{1,3}|\*+|arn:[\w-]+:secretsmanager:.*|\$\{?\w+\}?)$/i.test(
    value,
  );
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
