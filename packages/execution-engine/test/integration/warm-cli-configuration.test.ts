import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionRequest } from '../../src/index.ts';
import { bare, call, startPair, type Pair } from '../warm-pair.ts';
import { cliProgram, outcomeOf, wasWarm } from '../warm.ts';

const cli = await cliProgram();
const title = typeof cli === 'string' ? `(left out: ${cli})` : '';

let pair: Pair;

const KEYS = {
  aws_access_key_id: 'AKIAIOSFODNN7EXAMPLE',
  aws_secret_access_key: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

function profile(name: string, fields: Record<string, string>): string {
  const lines = Object.entries(fields).map(([field, value]) => `${field} = ${value}\n`);
  return `[${name}]\n${lines.join('')}`;
}

async function writeConfigurations(folder: string): Promise<void> {
  const credentials = JSON.stringify({
    Version: 1,
    AccessKeyId: 'AKIAPROCESS',
    SecretAccessKey: 'x',
  });
  await writeFile(join(folder, 'credentials.sh'), `#!/bin/sh\necho '${credentials}'\n`, {
    mode: 0o700,
  });
  await writeFile(
    join(folder, 'config'),
    profile('default', { region: 'eu-west-3', output: 'text' }) +
      profile('profile keys', { ...KEYS, region: 'us-west-2', output: 'table' }) +
      profile('profile preview', { ...KEYS, region: 'us-west-2' }) +
      profile('profile process', { credential_process: join(folder, 'credentials.sh') }) +
      profile('profile role', {
        role_arn: 'arn:aws:iam::123456789012:role/x',
        source_profile: 'keys',
        region: 'us-east-1',
      }) +
      profile('profile history', { ...KEYS, cli_history: 'enabled', region: 'us-east-1' }),
  );
  await writeFile(join(folder, 'cannot be read'), '[default\nregion = x');
  await writeFile(join(folder, 'offers more services'), '[preview]\nsdb = true\n');
  await writeFile(
    join(folder, 'asks for an older service, beside the keys'),
    '[default]\napi_versions =\n  ec2 = 2014-10-01\n',
  );
}

const noKeys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
const configured = (more: Record<string, string> = {}) => ({
  env: { AWS_CONFIG_FILE: join(pair.folder, 'config'), ...more },
});

describe.skipIf(typeof cli === 'string')(`the configuration of the warm AWS CLI ${title}`, () => {
  beforeAll(async () => {
    pair = await startPair();
    await writeConfigurations(pair.folder);
  });

  afterAll(() => pair[Symbol.asyncDispose]());

  it.each<[string, () => ExecutionRequest, RegExp]>([
    ['the default profile', () => bare('configure', 'list', {}, configured()), /eu-west-3/u],
    [
      'a profile by its variable',
      () => bare('configure', 'list', {}, configured({ AWS_PROFILE: 'keys' })),
      /us-west-2/u,
    ],
    [
      'a profile by its option',
      () => bare('sts', 'get-caller-identity', { profile: 'keys' }, configured(noKeys)),
      /123456789012/u,
    ],
    [
      'a profile that is missing',
      () => bare('sts', 'get-caller-identity', { profile: 'none' }, configured()),
      /could not be found/u,
    ],
    [
      'a process that knows the keys',
      () => bare('configure', 'list', { profile: 'process' }, configured(noKeys)),
      /custom-process/u,
    ],
    [
      'keys of the environment',
      () => bare('configure', 'list', {}, { env: { AWS_ACCESS_KEY_ID: 'one-two-one' } }),
      /-one +env/u,
    ],
    [
      'no keys',
      () => call('sts', 'get-caller-identity', {}, { env: noKeys }),
      /Unable to locate credentials/u,
    ],
    ['no region', () => bare('ec2', 'describe-vpcs'), /specify a region/u],
    [
      'a region by its variable',
      () => bare('configure', 'list', {}, { env: { AWS_DEFAULT_REGION: 'ap-south-1' } }),
      /ap-south-1/u,
    ],
    [
      'a proxy that is not there',
      () => call('sts', 'get-caller-identity', {}, { env: { HTTP_PROXY: 'http://127.0.0.1:1' } }),
      /proxy/iu,
    ],
    [
      'help, and its pager',
      () => call('ec2', 'help', {}, { env: { MANPAGER: 'head -c 400', PAGER: 'head -c 400' } }),
      /./u,
    ],
  ])('takes its configuration anew for each call: %s', async (_, request, expected) => {
    const { stdout, stderr } = await pair.same(request());
    expect(stdout + stderr).toMatch(expected);
  });

  it.each<[string, string, () => ExecutionRequest, RegExp, RegExp]>([
    [
      'cannot be read',
      'AWS_CONFIG_FILE',
      () => call('sts', 'get-caller-identity'),
      /Unable to parse config file/u,
      /ConfigParseError/u,
    ],
    [
      'offers more services',
      'AWS_CONFIG_FILE',
      () => call('sdb', 'list-domains', { args: ['--generate-cli-skeleton'] }),
      /MaxNumberOfDomains/u,
      /changes the CLI itself/u,
    ],
    [
      'asks for an older service, beside the keys',
      'AWS_SHARED_CREDENTIALS_FILE',
      () => call('ec2', 'describe-nat-gateways'),
      /Invalid choice/u,
      /api_versions/u,
    ],
  ])(
    'leaves a configuration that %s to a process of its own',
    async (what, name, ask, says, why) => {
      const request = { ...ask(), env: { [name]: join(pair.folder, what) } };
      const [one, other] = await Promise.all([pair.plain.run(request), pair.warm.run(request)]);
      expect(outcomeOf(other)).toEqual(outcomeOf(one));
      expect(one.stdout + one.stderr).toMatch(says);
      expect(pair.warm.metrics().aws_cli.last_plain_reason).toMatch(why);
    },
  );

  it('assumes the role of a profile', async () => {
    const { stdout } = await pair.warm.run(
      call('sts', 'get-caller-identity', { profile: 'role' }, configured(noKeys)),
      { check: true },
    );
    expect(JSON.parse(stdout)).toMatchObject({ Arn: expect.stringContaining('assumed-role/x/') });
  });

  it('writes its history where that is asked for', async () => {
    const result = await pair.warm.run(
      call(
        'sts',
        'get-caller-identity',
        { profile: 'history' },
        configured({ ...noKeys, AWS_CLI_HISTORY_FILE: join(pair.folder, 'history.db') }),
      ),
      { check: true },
    );
    expect(await wasWarm(pair.warm, result.id)).toBe(true);
    expect(existsSync(join(pair.folder, 'history.db'))).toBe(true);
  });
});
