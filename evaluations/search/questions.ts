import type { Fact } from './estate.ts';

/** What a right answer is: everything that is named must hold; several types or apps are alternatives. */
export type Wanted = {
  [Field in 'app' | 'type' | 'env' | 'region' | 'team' | 'part' | 'state']?: string | string[];
} & { isPublic?: boolean; id?: string };

/** One question as a person asks it. */
export type Question = [text: string, wanted: Wanted];

/** Whether a resource is a right answer. */
export function answers(fact: Fact, wanted: Wanted): boolean {
  return Object.entries(wanted).every(([field, value]) => {
    const has: unknown = Object.entries(fact).find(([name]) => name === field)?.[1];
    return Array.isArray(value) ? value.includes(String(has)) : has === value;
  });
}

const database = ['rds:db', 'rds:cluster'];
const network = 'network';

/** Questions that texts and ranking were tried with. */
export const questions: readonly Question[] = [
  ['the database behind checkout in prod', { type: database, app: 'checkout', env: 'production' }],
  ['anything public in eu-west-1', { isPublic: true, region: 'eu-west-1' }],
  ['who owns the nightly etl', { app: 'etl', part: ['nightly-load', 'nightly-load-failed'] }],
  ['stopped machines', { type: 'ec2:instance', state: 'stopped' }],
  ['checkout web servers', { type: 'ec2:instance', app: 'checkout', part: 'web' }],
  ['production payment gateway', { app: 'payments', part: 'gateway', env: 'production' }],
  ['function that refunds a customer', { type: 'lambda:function', part: 'refund' }],
  [
    'load balancer of the shop checkout',
    { type: 'elasticloadbalancing:loadbalancer', app: 'checkout' },
  ],
  ['where are product images stored', { type: 's3:bucket', part: 'product-images' }],
  ['bucket with settlement files', { type: 's3:bucket', part: 'settlement-files' }],
  ['queue for refunds', { type: 'sqs:queue', part: 'refunds' }],
  ['dead letter queue of the etl', { type: 'sqs:queue', part: 'dead-letters' }],
  ['jenkins', { part: 'jenkins', type: ['ec2:instance', 'ec2:volume'] }],
  ['grafana server', { type: 'ec2:instance', part: 'grafana' }],
  ['windows servers', { type: 'ec2:instance', app: 'warehouse' }],
  ['spot instances of the build system', { type: 'ec2:instance', app: 'ci', part: 'runner' }],
  ['postgres database of the identity service', { type: 'rds:db', app: 'identity' }],
  ['sql server', { type: 'rds:db', app: 'warehouse' }],
  ['graph database for fraud', { type: 'neptune:db', app: 'fraud' }],
  ['mongodb', { type: 'docdb:db' }],
  ['redis cache', { type: 'elasticache:cluster' }],
  ['machine learning models', { type: 's3:bucket', app: 'recommendations' }],
  ['gpu training machines', { type: 'ec2:instance', app: 'recommendations' }],
  ['everything of the data-platform team', { team: 'data-platform' }],
  ['what does the logistics team run in staging', { team: 'logistics', env: 'staging' }],
  ['databse for paymnets', { type: 'rds:db', app: 'payments' }],
  ['checkuot queue', { type: 'sqs:queue', app: 'checkout' }],
  ['private subnets in us-east-1', { type: 'ec2:subnet', region: 'us-east-1', part: 'private' }],
  ['public subnet in Frankfurt', { type: 'ec2:subnet', region: 'eu-central-1', part: 'public' }],
  ['firewall rules open to the internet', { type: 'ec2:security-group', isPublic: true }],
  ['security group for ssh', { type: 'ec2:security-group', part: 'bastion-ssh' }],
  [
    'outbound internet access for private networks in Ireland',
    { type: 'ec2:natgateway', region: 'eu-west-1' },
  ],
  ['production vpc in sydney', { type: 'ec2:vpc', region: 'ap-southeast-2' }],
  ['ssh key', { type: 'ec2:key-pair', app: network }],
  ['password of the checkout database', { type: 'secretsmanager:secret', app: 'checkout' }],
  [
    'api key of the card processor',
    { type: 'secretsmanager:secret', part: 'card-processor-api-key' },
  ],
  ['alarm for declined cards', { type: 'cloudwatch:alarm', part: 'declined-cards' }],
  ['which alarms are firing', { type: 'cloudwatch:alarm', state: 'ALARM' }],
  ['shopping carts table', { type: 'dynamodb:table', part: 'carts' }],
  ['nosql tables of catalog', { type: 'dynamodb:table', app: 'catalog' }],
  [
    'prod-checkout-web-01',
    { type: 'ec2:instance', app: 'checkout', part: 'web', env: 'production' },
  ],
  ['payments-gateway-staging', { app: 'payments', part: 'gateway', env: 'staging' }],
  ['CatalogApiProd02', { type: 'ec2:instance', app: 'catalog', env: 'production' }],
  ['send email lambda', { type: 'lambda:function', part: 'send-email' }],
  ['serverless code that resizes pictures', { type: 'lambda:function', part: 'ResizeImages' }],
  ['wordpress', { app: 'website', part: 'wordpress' }],
  ['staging website database', { type: 'rds:db', app: 'website', env: 'staging' }],
  ['publicly accessible databases', { type: 'rds:db', isPublic: true }],
  ['unencrypted disks', { type: 'ec2:volume', env: ['staging', 'dev'] }],
  ['container services for parcel labels', { type: 'ecs:service', part: 'labels' }],
  ['log archive', { type: 's3:bucket', part: 'log-archive' }],
  ['support call recordings', { type: 's3:bucket', part: 'call-recordings' }],
  ['kubernetes or container clusters', { type: ['ecs:cluster', 'ecs:service'] }],
  ['topic that pages the on-call', { type: 'sns:topic', part: 'pager' }],
  ['dev database of payments', { type: 'rds:db', app: 'payments', env: 'dev' }],
  ['versioned buckets of the ci', { type: 's3:bucket', app: 'ci' }],
  ['restart the keycloak servers', { type: 'ec2:instance', part: 'keycloak' }],
  ['stop the idle staging notebooks', { type: 'ec2:instance', part: 'notebook', env: 'staging' }],
  ['render invoices', { type: 'lambda:function', part: 'render-invoice' }],
  ['oracle', { type: 'rds:db', app: 'hr' }],
  ['where do payslips live', { type: 's3:bucket', part: 'payslips' }],
  ['sftp server', { type: 'ec2:instance', part: 'sftp' }],
  ['video encoders in production', { type: 'ec2:instance', app: 'video', env: 'production' }],
  ['table of feature flags', { type: 'dynamodb:table', part: 'feature-flags' }],
];
