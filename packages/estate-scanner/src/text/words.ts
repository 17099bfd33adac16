/** Short forms that a sentence model reads badly, and what people ask for. */
const expansions: ReadonlyMap<string, string> = new Map(
  Object.entries({
    prod: 'production',
    prd: 'production',
    stg: 'staging',
    stag: 'staging',
    dev: 'development',
    tst: 'test',
    env: 'environment',
    db: 'database',
    ddb: 'DynamoDB',
    pg: 'PostgreSQL',
    lb: 'load balancer',
    alb: 'load balancer',
    nlb: 'load balancer',
    elb: 'load balancer',
    gw: 'gateway',
    sg: 'security group',
    srv: 'server',
    svc: 'service',
    fn: 'function',
    k8s: 'Kubernetes',
    mq: 'message queue',
    dlq: 'dead letter queue',
    dr: 'disaster recovery',
    bkp: 'backup',
    repl: 'replica',
    repo: 'repository',
    pub: 'public',
    priv: 'private',
    auth: 'authentication',
    creds: 'credentials',
    pwd: 'password',
    cert: 'certificate',
    cfg: 'configuration',
    mgmt: 'management',
    msg: 'message',
    img: 'image',
    wp: 'WordPress',
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
