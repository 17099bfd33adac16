import { describe, expect, it } from 'vitest';
import { estate, requestOf } from '../../estate.ts';
import { answer, meant, nameOf } from '../../planning.ts';

const IDLE_STAGING_WEB = ['catalog-web-staging-01', 'catalog-web-staging-02'];
const CHECKOUT_WEB_PROD = ['checkout-web-prod-01', 'checkout-web-prod-02'];

describe('what a sentence means', () => {
  it.each([
    ['stop the idle staging web servers', IDLE_STAGING_WEB],
    ['Please stop all idle web servers in staging.', IDLE_STAGING_WEB],
    ['shut down the unused frontend instances of staging', IDLE_STAGING_WEB],
    ['turn the idle staging web servers off', IDLE_STAGING_WEB],
    [
      'Could you power off web machines that are idle in the staging environment?',
      IDLE_STAGING_WEB,
    ],
    ['stop idle stg web servers in us-east-1', ['catalog-web-staging-02']],
    ['stop idle staging web servers in Virginia', ['catalog-web-staging-02']],
    ['stop the idle staging web servers except catalog-web-staging-01', ['catalog-web-staging-02']],
    ['stop idle web servers, but not in us-east-1', ['catalog-web-staging-01']],
    ['reboot the production web servers', CHECKOUT_WEB_PROD],
    ['restart checkout web servers in prod', CHECKOUT_WEB_PROD],
    ['bounce "checkout-web-prod-01"', ['checkout-web-prod-01']],
    ['restart checkout-web-prod-01 and checkout-web-prod-02', CHECKOUT_WEB_PROD],
    ['restart checkout-web-prod-*', CHECKOUT_WEB_PROD],
    ['start search-web-staging-01', ['search-web-staging-01']],
    ['start the stopped staging servers', ['search-web-staging-01']],
    ['switch on all stopped instances', ['search-web-staging-01']],
    ['list the production databases', ['checkout-prod-db']],
    ['show me the production database for checkout', ['checkout-prod-db']],
    ['which postgres databases are there?', ['checkout-prod-db']],
    ['list rds instances tagged Service=catalog', ['catalog-staging-db']],
    ['list buckets', ['northlane-checkout-logs']],
    ['describe the lambda functions of checkout', ['checkout-receipts']],
    ['list functions and buckets', ['checkout-receipts', 'northlane-checkout-logs']],
    ['describe vpc-0123456789abcdef0', ['main']],
    ['list servers in vpc-0123456789abcdef0', instancesOfVpc()],
    [
      'list web and api servers in production',
      [...CHECKOUT_WEB_PROD, 'checkout-api-prod-01'].sort(),
    ],
    ['list staging databases and web servers in us-east-1', ['catalog-web-staging-02']],
    [
      'list production servers that are not web',
      ['checkout-api-prod-01', 'identity-bastion-prod-01'],
    ],
    [
      'list the non-production databases',
      ['catalog-staging-db', 'search-staging', 'search-staging-1'],
    ],
    ['list development servers of the payments team', ['payments-worker-dev-01']],
    ['stop the catalog-staging-db', ['catalog-staging-db']],
    ['stop the staging clusters', ['search-staging']],
    ['describe t3.medium servers in staging that are stopped', ['search-web-staging-01']],
    ['tag the api servers with owner=platform', ['checkout-api-prod-01']],
    ['add the tag owner=platform to servers tagged Role=bastion', ['identity-bastion-prod-01']],
  ])('%s', async (text, names) => {
    expect(await meant(text)).toEqual(names);
  });
});

function instancesOfVpc(): string[] {
  return estate
    .filter(({ type }) => type === 'ec2:instance')
    .map(({ fields }) => nameOf(fields))
    .sort();
}

describe('what it asks back', () => {
  it.each([
    ['delete the staging web servers', /do not know how to “delete”/],
    ['terminate everything', /do not know how to “terminate”/],
    ['the weather is nice', /did not find what to do/],
    ['hello', /did not find what to do/],
    ['stop', /Which resources should be stopped/],
    ["don't stop the web servers", /not to stop/],
    ['do not reboot anything', /not to reboot/],
    ['stop the purple web servers', /Nothing here is “purple”/],
    ['stop the staging web servers of the marketing team', /Nothing here is “marketing”/],
    ['stop the sandbox servers', /Nothing here is “sandbox”/],
    ['stop web-99', /Nothing here is “web-99”/],
    ['stop all web servers except chekout-web-prod-01', /Nothing here is “chekout-web-prod-01”/],
    ['stop idle production web servers', /None of the/],
    ['stop the idle web servers tomorrow', /did not understand “tomorrow”/],
    ['stop the idle web servers at 18:00', /did not understand “at”, “18:00”/],
    ['stop two of the web servers', /did not understand “two”/],
    ['stop the web servers if they are idle', /did not understand “if”/],
    ['stop the web servers and start the databases', /one thing at a time/],
    ['stop the functions', /functions cannot be stopped/],
    ['stop the bastion servers', /you lack ec2:StopInstances/],
    ['stop the stopped web servers', /stopped when last seen: search-web-staging-01/],
    ['stop search-staging-1', /belongs to a cluster/],
    ['tag the api servers', /Which tag should be set/],
    ['tag the api servers with aws:owner=me', /belong to AWS/],
  ])('%s', async (text, question) => {
    expect(await meant(text)).toMatch(question);
  });

  it('asks where the request holds no resources', async () => {
    expect(await meant('list the servers', [])).toMatch(/Has the estate been scanned/);
  });

  it('asks where a sentence is endless instead of reading half of it', async () => {
    expect(await meant(`stop the web servers ${'very '.repeat(500)} except production`)).toMatch(
      /too long/,
    );
  });

  it('leaves mending to people', async () => {
    const repair = {
      playbook_digest: `sha256:${'0'.repeat(64)}`,
      failed_step: 's2',
      exit_code: 1,
      stderr: '',
      completed: [],
      attempt: 1,
    };
    const reply = await answer(requestOf('stop the web servers', estate, { repair }));
    expect(reply).toMatchObject({ schema: 'clarification/v1' });
  });
});
