import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactText, type RedactionCounts } from '../../src/context/redact.ts';

function redacted(text: string): { text: string; counts: RedactionCounts } {
  const counts: RedactionCounts = {};
  return { text: redactText(text, counts), counts };
}

const secretKey = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

describe('redactText', () => {
  const secrets: [what: string, text: string, secret: string][] = [
    ['an access key id', 'key AKIAIOSFODNN7EXAMPLE here', 'AKIAIOSFODNN7EXAMPLE'],
    ['a bare secret access key', `it is ${secretKey}, ok`, secretKey],
    ['a secret key in a credentials file', `aws_secret_access_key = ${secretKey}`, secretKey],
    ['a secret key in JSON', `{"SecretAccessKey": "${secretKey}"}`, secretKey],
    ['a session token', `x IQoJb3JpZ2luX2VjE${'aB3/'.repeat(30)} y`, 'aB3/aB3/'],
    ['a password in a URL', 'postgres://app:s3cr3t@db.example:5432/x', 's3cr3t'],
    ['a password with @ in a URL', 'redis://:p@ss@host/0', 'p@ss'],
    ['a password in key=value', 'DB_PASSWORD=hunter2!x', 'hunter2!x'],
    ['a short password', 'password: abc', 'abc'],
    ['a quoted password with spaces', 'password="correct horse battery"', 'horse'],
    ['an unclosed quoted password', 'password="correct horse', 'horse'],
    ['a password in JSON inside JSON', String.raw`{\"db_password\": \"hunter2x\"}`, 'hunter2x'],
    ['a password in YAML', 'masterUserPassword: hunter2x', 'hunter2x'],
    ['a command line option', 'rds create --master-user-password hunter2x --engine x', 'hunter2x'],
    ['an authorization header', 'Authorization: Bearer abc.def-ghi', 'abc.def-ghi'],
    ['a bearer token', 'curl -H "X: Bearer 0123456789abcdef"', '0123456789abcdef'],
    ['a JWT', 'x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123 y', 'eyJzdWIi'],
    ['a GitHub token', `ghp_${'a1B2'.repeat(9)}`, 'a1B2a1B2'],
    ['a presigned URL', 'https://b.s3/x?a=1&X-Amz-Signature=deadbeef01&b=2', 'deadbeef01'],
    ['a cookie header', 'Cookie: session=abcdef; other=uvwxyz', 'uvwxyz'],
    [
      'an authorization header of AWS',
      'Authorization: AWS4-HMAC-SHA256 Credential=a, Signature=0f1e2d',
      '0f1e2d',
    ],
    ['a password in XML', '<db:password>hunter2x</db:password>', 'hunter2x'],
    ['a password for curl', 'curl -u admin:hunter2x https://x.example', 'hunter2x'],
    ['a password that is told', 'the password is hunter2x, please', 'hunter2x'],
    ['a webhook', `https://hooks.slack.com/services/T000/B000/${'x1'.repeat(12)}`, 'x1x1x1'],
    ['an Azure key', `AccountName=a;AccountKey=${'aB3/'.repeat(21)}==;Suffix=x`, 'aB3/aB3/'],
    [
      'a private key in JSON',
      String.raw`{"private_key": "-----BEGIN PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----\n"}`,
      'MIIabc',
    ],
    [
      'a private key',
      '-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----',
      'MIIabc',
    ],
    ['a list of passwords', '{"passwords": ["hunter2x", "b"], "user": "app"}', 'hunter2x'],
    ['a block of YAML', 'db:\n  password: |\n    hunter2x\n    more2x\n  user: app', 'more2x'],
    ['a line of YAML with blanks', 'password: correct horse battery', 'battery'],
    ['an option in quotes', "rds modify --master-user-password 'hunter2x y2z' --engine x", 'y2z'],
    ['a short option', 'cmd --db-pass hunter2x', 'hunter2x'],
    ['a password of mysql', 'mysql -u root -phunter2x -h db', 'hunter2x'],
    ['pass=', 'DB_PASS=hunter2x', 'hunter2x'],
    ['a token as the user of a URL', `https://${'0123abcd'.repeat(5)}@git.example/x`, '0123abcd'],
    ['a signature in a URL', 'https://a.example/c?sv=1&sig=abcDEF12%2Fxyz&se=2', 'abcDEF12'],
    ['a digest header', 'Authorization: Digest username="x", response="abcdef01"', 'abcdef01'],
    ['a line of .netrc', 'machine h login u password hunter2x', 'hunter2x'],
    ['an auth of docker', '{"auths":{"h":{"auth":"dXNlcjpwYXNz"}}}', 'dXNlcjpw'],
    ['a token of Vault', `hvb.${'AbC1'.repeat(8)}`, 'AbC1AbC1'],
    ['a private key that was cut off', '-----BEGIN PRIVATE KEY-----\nMIIabc\nmore', 'more'],
  ];
  it.each(secrets)('masks %s', (_what, text, secret) => {
    const result = redacted(text);
    expect(result.text).not.toContain(secret);
    expect(Object.values(result.counts).reduce((a, b) => a + b, 0)).toBeGreaterThan(0);
  });

  it.each([
    'arn:aws:ec2:eu-west-1:123456789012:instance/i-0abc1234def567890',
    'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    'stop the idle staging web servers and basic authentication',
    '{"NextToken": "abcdefgh", "SecretArn": "arn:aws:secretsmanager:x:y:secret:z", "max_tokens": 24000}',
    'PasswordLastUsed: 2026-01-01',
    'PASS: the tests of compass, bypass: on',
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf',
    'the password is expired, and the cookie jar is empty',
    'https://example.com/path?x=1',
    '/aws/lambda/checkout/production/PaymentsX1/a',
  ])('leaves %j alone', (text) => {
    expect(redacted(text)).toEqual({ text, counts: {} });
  });

  it('keeps JSON valid', () => {
    const text = JSON.stringify({
      password: 'a "quoted" one',
      other: [1, { api_key: 'xyz12345' }],
    });
    expect(JSON.parse(redacted(text).text)).toEqual({
      password: '[redacted:password]',
      other: [1, { api_key: '[redacted:secret]' }],
    });
  });

  it('counts by kind', () => {
    expect(redacted(`AKIAIOSFODNN7EXAMPLE ASIAIOSFODNN7EXAMPLE password=hunter2x`).counts).toEqual({
      aws_access_key_id: 2,
      password: 1,
    });
  });

  it('changes nothing when it is applied again', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ maxLength: 20 }),
            fc.constantFrom(...secrets.map(([, text]) => text), 'token=', '"', '://', ':', '@'),
          ),
          { maxLength: 8 },
        ),
        (parts) => {
          const once = redacted(parts.join(' ')).text;
          expect(redacted(once)).toEqual({ text: once, counts: {} });
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['-----BEGIN PRIVATE KEY-----'],
    ['password="'],
    ["password='x\\"],
    ['eyJ'],
    ['eyJaaaaaaaa.'],
    ['://a:'],
    ['://'],
    ['secret'],
    ['a.'],
    ['bearer '],
    ['--token '],
    ['IQoJ'],
    ['aB3/'],
    ['password\\"='],
    ['<password>'],
    ['<password'],
    ['cookie: '],
    ['cookie:'],
    ['password is '],
    ['-u a:'],
    ['SK'],
    ['-'],
    ['\\'],
    ['password: |\n x\n'],
    ['passwords: [a'],
    ['password: a b\n'],
    ['mysql -p'],
    ['login a password '],
    [' \n'],
  ])('is linear on a megabyte of %j', (piece) => {
    const big = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const started = performance.now();
    redacted(big);
    // 150 ms is the goal; this only tells linear from quadratic.
    expect(performance.now() - started).toBeLessThan(6000);
  });
});
