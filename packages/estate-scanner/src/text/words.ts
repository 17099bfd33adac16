/** Short forms that a sentence model reads badly, and what people ask for. */
const expansions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    prod: 'production',
    prd: 'production',
    stg: 'staging',
    stag: 'staging',
    dev: 'development',
    db: 'database',
    lb: 'load balancer',
    svc: 'service',
    sg: 'security group',
    env: 'environment',
    fn: 'function',
    mq: 'message queue',
    auth: 'authentication',
    etl: 'ETL data pipeline',
  }),
);

const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/giu;
const awsId = /\b[a-z]{1,8}-[0-9a-f]{8}(?:[0-9a-f]{9})?\b/gu;
const arn = /\barn:[a-z-]+:\S*/gu;
const hex = /^(?=.*\d)[0-9a-f]{8,}$/iu;
const longNumber = /^\d{6,}$/u;

/**
 * The words in a name or value: split at everything that is neither letter nor digit, and at changes of case; ARNs, ids, hex and long
 * numbers left out, short forms spelled out. `prodCheckoutDB-01` is `production Checkout database 01`.
 */
export function wordsOf(value: string): string {
  return value
    .slice(0, 500)
    .replaceAll(arn, ' ')
    .replaceAll(uuid, ' ')
    .replaceAll(awsId, ' ')
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '' && !hex.test(word) && !longNumber.test(word))
    .map((word) => expansions.get(word.toLowerCase()) ?? word)
    .join(' ');
}
