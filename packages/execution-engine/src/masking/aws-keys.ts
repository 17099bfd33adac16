import type { Match } from './matcher.ts';

/** How an access key id begins. So short that a native search for each is faster than a search for all at once. */
export const KEY_ID_PREFIXES = ['AKIA', 'ASIA'];

/** How a name in front of a secret ends. */
export const SECRET_NAMES = [
  'AccessKey',
  'access_key',
  'ACCESS_KEY',
  'accessKey',
  'accesskey',
  'SessionToken',
  'session_token',
  'SESSION_TOKEN',
  'sessionToken',
  'SecurityToken',
  'security_token',
  'SECURITY_TOKEN',
  'securityToken',
  'security-token',
];

/** Access key ids: IAM User Guide, "Unique identifiers", prefixes AKIA and ASIA, 20 characters in all. */
const ACCESS_KEY_ID = /^(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])/u;

/**
 * Secret keys and session tokens have no shape of their own: they are found by the name in front of them, in JSON,
 * environment files, shell exports, query strings and text output.
 */
const NAMED_SECRET =
  /^(?:(?:AccessKey|access_key|ACCESS_KEY|accessKey|accesskey)|(?:Session|session|SESSION|Security|security|SECURITY)[_-]?(?:Token|token|TOKEN))\\?["']?\s*[:=]\s*\\?["']?([A-Za-z0-9+/=_%-]{16,})/u;

/** A session token is well below this; more than that need not be looked at behind a name. */
const LONGEST_SECRET = 8192;

/** The AWS key at a trigger that was found at `start`, or null. */
export function awsKeyAt(bytes: Buffer, start: number): Match | null {
  const before = bytes[start - 1] ?? 0x20;
  const id = bytes.toString('latin1', start, start + 21);
  if (ACCESS_KEY_ID.test(id)) return isWordByte(before) ? null : { start, end: start + 20 };
  const [all, secret] =
    NAMED_SECRET.exec(bytes.toString('latin1', start, start + LONGEST_SECRET)) ?? [];
  if (all === undefined || secret === undefined) return null;
  return { start: start + all.length - secret.length, end: start + all.length };
}

function isWordByte(byte: number): boolean {
  return /[A-Za-z0-9_]/u.test(String.fromCharCode(byte));
}
