import { SECRET_WORDS } from './secret-names.ts';

/*
 * Every pattern starts at something rare and cannot start again inside what it has scanned, or is bounded: so each character is looked at a bounded number of times, whatever the input.
 */

/** Secrets that are known by their form: the whole match is masked. */
export const tokenPatterns: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['aws_access_key_id', /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g],
  ['aws_session_token', /(?<![A-Za-z0-9+/])(?:IQoJ|FwoG|FQoG|AQoD)[A-Za-z0-9+/=%]{60,}/g],
  ['jwt', /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g],
  [
    'webhook',
    /https:\/\/(?:hooks\.slack\.com\/services|discord(?:app)?\.com\/api\/webhooks)\/[\w/-]{8,}/g,
  ],
  [
    'token',
    /(?<![\w-])(?:AGE-SECRET-KEY-1[A-Z0-9]{50,}|SK[0-9a-f]{32}|gh[opsur]_[A-Za-z0-9]{36,}|github_pat_\w{50,}|gl(?:pat|dt|rt|ptt)-[\w-]{20,}|x(?:ox[abeoprs]|app)-[\w-]{10,}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}|AIza[\w-]{35}|ya29\.[\w-]{20,}|sk-[\w-]{20,}|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,}|hv[sbr]\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|dop_v1_[a-f0-9]{64}|dapi[0-9a-f]{32}|shpat_[a-f0-9]{32}|\d{8,10}:AA[\w-]{30,})/g,
  ],
];

/** Secrets that are known by what stands before them: the second group is masked. */
export const placedPatterns: readonly (readonly [kind: string, pattern: RegExp])[] = [
  ['url_password', /(:\/\/(?!\[redacted:)[^\s/?#:@]{0,256}:)([^\s/]{1,1024})(?=@)/g],
  ['url_password', /(:\/\/)((?=[^\s/?#:@]{0,256}\d)[^\s/?#:@]{20,256})(?=@)/g],
  ['url_signature', /([?&]sig=)([\w%+/=-]{8,})/gi],
  // Of these headers the whole line is the secret; a quote ends it, which may be the string that the header is in.
  ['header', /((?<![\w-])(?:proxy-)?authorization\s{0,4}:\s{0,4}digest\s)([^\r\n]{1,4096})/gi],
  [
    'header',
    /((?<![\w-])(?:(?:set-)?cookie|(?:proxy-)?authorization)\s{0,4}:\s{0,4})((?!\[redacted:)[^\s"'\\][^\r\n"'\\]*)/gi,
  ],
  ['secret', /("auth"\s{0,4}:\s{0,4}")([\w+/=-]{8,})(?=")/g],
  ['password', /((?<!\w)login\s{1,4}[^\s"']{1,100}\s{1,4}password\s{1,4})([^\s"']+)/gi],
  ['password', /((?<!\w)(?:bindpw|requirepass|masterauth)\s{1,4})([^\s"']+)/gi],
  ['password', /((?<![\w-])(?:mysql|mariadb)[a-z]{0,8}\s[^\n]{0,100}?\s-p)([^\s"'-][^\s"']*)/g],
];

/** The same where the second group may as well be an ordinary word. */
export const spokenPatterns: readonly RegExp[] = [
  /((?<![\w-])(?:-u|--user)[\s=]{1,4}["']?[^\s:"']{1,100}:)([^\s"']+)/g,
  /((?<!\w)(?:password|passphrase)\s{1,4}(?:is|was)\s{1,4}["'`]?)([^\s"'`]+)/gi,
];

export const bearer = /(?<![A-Za-z0-9])(bearer|basic)(\s{1,4})([A-Za-z0-9._~+/=-]{8,})/gi;

/** `--db-password …`, quoted or not. */
export const option = new RegExp(
  String.raw`(?<![\w-])(--[a-z-]{0,40}(?:password|passwd|secret|token|api-key|pass(?![a-z]))[a-z-]{0,20}\s{1,4})` +
    String.raw`(?:"([^"\n]*)|'([^'\n]*)|([^\s"'-][^\s"']*))`,
  'gi',
);

/** `<db:password>…</db:password>`. */
export const element = new RegExp(
  String.raw`(<[\w:.-]{0,40}(?:${SECRET_WORDS})[\w.-]{0,40}>)([^<]{1,4096})(?=</)`,
  'gi',
);

/** What a secret access key of AWS may be, without a name. */
export const bareSecret = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g;

export const beginKey = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
export const endKey = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/;
