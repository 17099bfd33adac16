/** Names under which secrets are kept, anywhere in a longer name (`DB_PASSWORD`, `masterUserPassword`, `x-api-key`). */
export const SECRET_WORDS =
  'passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|account[_-]?key|credential|authorization|connection[_-]?string|x-amz-signature|auth[_-]?data|cookie';

const secretName = new RegExp(SECRET_WORDS, 'i');

/** Endings that make of it something about a secret: its identifier, its age, its rules. */
const aboutSecret =
  /(?:arns?|ids?|names?|types?|status|enabled|required|policy|policies|version|versions|count|limit|length|age|expiry|expires(?:_?(?:at|in))?|expiration|last_?(?:used|changed|rotated).*|rotation.*|created.*|description|tokens|secrets|credentials|keys|manager|url|endpoint)$/i;
const pagingToken =
  /^(?:next|starting|page|pagination|continuation|client(?:_|-)?request)[_-]?token$/i;

/** Whether the value under a name is to be masked. */
export function isSecretName(name: string): boolean {
  if (!secretName.test(name)) return false;
  const plain = name.replace(/^-+/, '');
  return !aboutSecret.test(plain) && !pagingToken.test(plain);
}
