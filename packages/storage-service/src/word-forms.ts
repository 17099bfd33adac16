/**
 * Words that stand for one thing, in names, tags and questions alike: short forms that are customary with AWS, and what people say for
 * the words of its types and states.
 */
const alike: readonly (readonly string[])[] = (
  [
    'production prod prd',
    'staging stage stg stag',
    'development dev',
    'test tst testing',
    'database db',
    'server instance machine host box vm',
    'volume disk drive ebs',
    'function lambda fn',
    'bucket s3',
    'queue sqs',
    'topic sns',
    'balancer lb alb nlb elb',
    'gateway gw',
    'kubernetes k8s eks',
    'cache redis memcached elasticache',
    'secret password credential',
    'snapshot backup',
    'address ip',
    'repository repo',
    'environment env',
    'service svc',
    'authentication auth',
    'stopped halted off',
    'firing triggered',
    'failed broken',
    'public publicly exposed',
    'unencrypted plaintext',
    'unused unattached detached orphaned orphan idle',
    'owner owns owned responsible',
    'postgresql postgres pg',
    'center centre',
  ] as const
).map((group) => group.split(' '));

const groups = new Map(alike.flatMap((group) => group.map((word) => [word, group] as const)));

/** So many words are remembered with their forms. */
const maxRemembered = 1000;
const forms = new Map<string, readonly string[]>();

/** The forms of a word under which it is looked for: itself, in the singular and the plural, and what stands for the same thing. */
export function formsOf(word: string): readonly string[] {
  const known = forms.get(word);
  if (known !== undefined) return known;
  const made = makeForms(word);
  if (forms.size >= maxRemembered) forms.clear();
  forms.set(word, made);
  return made;
}

function makeForms(word: string): readonly string[] {
  const own = [word, ...numbersOf(word)];
  return [...new Set([...own, ...own.flatMap((form) => groups.get(form) ?? [])])];
}

/** Numbers with and without zeros before them; the singular of what may be a plural, and the plural of what may be a singular. */
function numbersOf(word: string): string[] {
  if (/^\d{1,3}$/u.test(word))
    return [1, 2, 3].map((length) => String(Number(word)).padStart(length, '0'));
  if (!/^[a-z]{3,}$/u.test(word)) return [];
  if (/(?:ss|us|is)$/u.test(word)) return [`${word}es`];
  if (word.endsWith('ies')) return [`${word.slice(0, -3)}y`];
  if (/(?:[sx]|ch|sh)es$/u.test(word)) return [word.slice(0, -2), word.slice(0, -1)];
  if (word.endsWith('s')) return [word.slice(0, -1)];
  if (/[^aeiou]y$/u.test(word)) return [`${word.slice(0, -1)}ies`];
  return [`${word}${/(?:x|ch|sh)$/u.test(word) ? 'es' : 's'}`];
}
