/** Names under which secrets are kept, anywhere in a longer name (`DB_PASSWORD`, `masterUserPassword`, `x-api-key`). */
export const SECRET_WORDS =
  'pass(?:w(?:or)?d|phrase|(?![a-z]))|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|account[_-]?key|credential|authorization|connection[_-]?string|x-amz-signature|auth[_-]?data|cookie';

const secretName = new RegExp(SECRET_WORDS, 'i');

/** Endings that make of it something about a secret: its identifier, its age, its rules. */
const aboutSecret =
  /(?:arns?|ids?|names?|types?|status|enabled|required|policy|policies|version|versions|count|limit|length|age|expiry|expires(?:_?(?:at|in))?|expiration|last_?(?:used|changed|rotated).*|rotation.*|created.*|description|tokens|secrets|credentials|keys|manager|url|endpoint)$/i;
const pagingToken =
  /^(?:next|starting|page|pagination|continuation|client(?:_|-)?request)[_-]?token$/i;

/** Whether the value under a name is to be masked. */
export function isSecretName(name: string): boolean {
  if (!secretName.test(name) || /[a-z]pass$/i.test(name)) return false;
  const plain = name.replace(/^-+/, '');
  return !aboutSecret.test(plain) && !pagingToken.test(plain);
}

/** The kind of secret under a name, for its mask and the counts. */
export function kindOf(name: string): string {
  if (/secret[_-]?access[_-]?key/i.test(name)) return 'aws_secret_key';
  if (/session[_-]?token/i.test(name)) return 'aws_session_token';
  if (/pass(?:w(?:or)?d|phrase|(?![a-z]))|pwd/i.test(name)) return 'password';
  return 'secret';
}
