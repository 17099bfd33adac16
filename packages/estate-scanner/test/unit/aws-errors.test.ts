import { describe, expect, it } from 'vitest';
import { AwsCallError, classifyStderr } from '../../src/aws/errors.ts';

const operation = (code: string, message = 'said so') =>
  `\nAn error occurred (${code}) when calling the DescribeInstances operation: ${message}\n`;

const usage = 'usage: aws [options] <command>\nTo see help text, you can run:\n\n  aws help\n';

describe('classifyStderr', () => {
  it.each([
    [
      `${usage}aws: error: argument operation: Invalid choice, valid choices are:\n\nput-rule | help\n\n\nInvalid choice: 'list-rulez', maybe you meant:\n\n  * list-rules\n`,
      'CliUsage',
      "Invalid choice: 'list-rulez', maybe you meant: * list-rules Look for a typing error",
    ],
    [
      `${usage}Unknown options: --max-items, 1000\n`,
      'NotPaged',
      'Unknown options: --max-items, 1000 The CLI does not page this operation',
    ],
    [
      'Bad value for --query Rules[: Expecting: star, got: eof: Parse error at column 6',
      'QueryInvalid',
      'Correct the JMESPath expression',
    ],
    [
      'In function length(), invalid type for value: None, expected one of: [string]',
      'QueryInvalid',
      'Correct the JMESPath expression',
    ],
    [
      'Parameter validation failed:\nUnknown parameter in input: "Rule", must be one of: Name',
      'ParametersInvalid',
      'must be one of: Name Correct the parameters',
    ],
  ])('says what to mend in a scanner: %s', (stderr, code, message) => {
    const failure = classifyStderr(stderr);
    expect(failure).toMatchObject({ kind: 'cli', code });
    expect(failure.message).toContain(message);
    expect(failure.message).not.toContain('usage:');
  });

  it.each([
    ['Throttling', 'throttled'],
    ['ThrottlingException', 'throttled'],
    ['RequestLimitExceeded', 'throttled'],
    ['TooManyRequestsException', 'throttled'],
    ['SlowDown', 'throttled'],
    ['AccessDenied', 'denied'],
    ['AccessDeniedException', 'denied'],
    ['UnauthorizedOperation', 'denied'],
    ['403', 'denied'],
    ['AuthFailure', 'credentials'],
    ['UnrecognizedClientException', 'credentials'],
    ['InvalidClientTokenId', 'credentials'],
    ['OptInRequired', 'not_enabled'],
    ['SubscriptionRequiredException', 'not_enabled'],
    ['RegionDisabledException', 'not_enabled'],
    ['ExpiredToken', 'expired'],
    ['ExpiredTokenException', 'expired'],
    ['RequestExpired', 'expired'],
    ['InternalError', 'server'],
    ['ServiceUnavailable', 'server'],
    ['503', 'server'],
    ['NoSuchBucket', 'not_found'],
    ['DBInstanceNotFound', 'not_found'],
    ['ResourceNotFoundException', 'not_found'],
    ['ValidationError', 'other'],
  ])('takes %s for %s', (code, kind) => {
    expect(classifyStderr(operation(code))).toEqual({ kind, code, message: 'said so', scp: false });
  });

  it('reads a code behind exhausted retries of the CLI', () => {
    const stderr =
      'An error occurred (Throttling) when calling the ListBuckets operation (reached max retries: 0): Rate exceeded';
    expect(classifyStderr(stderr)).toMatchObject({ kind: 'throttled', message: 'Rate exceeded' });
  });

  it.each([
    [
      'Could not connect to the endpoint URL: "https://ec2.xx-1.amazonaws.com/"',
      'connection',
      'EndpointUnreachable',
    ],
    ['Connect timeout on endpoint URL: "https://a"', 'connection', 'ConnectTimeout'],
    ['Read timeout on endpoint URL: "https://a"', 'connection', 'ReadTimeout'],
    [
      'Connection was closed before we received a valid response from endpoint URL',
      'connection',
      'ConnectionClosed',
    ],
    [
      'Unable to parse response (no element found), invalid XML received',
      'server',
      'TruncatedResponse',
    ],
    [
      'Unable to locate credentials. You can configure credentials by running "aws configure".',
      'configuration',
      'NoCredentials',
    ],
    ['The config profile (nope) could not be found', 'configuration', 'ProfileNotFound'],
    ['You must specify a region. You can also configure your region', 'configuration', 'NoRegion'],
    [
      "Provided region_name 'us_x' doesn't match a supported format.",
      'configuration',
      'InvalidRegion',
    ],
    [
      'Error when retrieving token from sso: Token has expired and refresh failed',
      'expired',
      'ExpiredSession',
    ],
    ['usage: aws [options]\n\naws: error: argument operation: Invalid choice', 'cli', 'CliUsage'],
    ['', 'other', 'CliFailed'],
  ])('takes the message %j for %s', (stderr, kind, code) => {
    expect(classifyStderr(`\n${stderr}\n`)).toMatchObject({ kind, code });
  });

  it('says what to fix about a configuration', () => {
    expect(classifyStderr('The config profile (nope) could not be found').message).toContain(
      'aws configure list-profiles',
    );
  });

  it('marks a refusal by a service control policy', () => {
    const message =
      'User: arn:aws:iam::1:user/a is not authorized to perform: ec2:DescribeInstances with an explicit deny in a service control policy';
    expect(classifyStderr(operation('UnauthorizedOperation', message)).scp).toBe(true);
    expect(classifyStderr(operation('UnauthorizedOperation')).scp).toBe(false);
  });

  it('keeps a page of HTML out of the message', () => {
    const { message } = classifyStderr(operation('500', `<html>\n${'x'.repeat(5000)}</html>`));
    expect(message.length).toBeLessThan(500);
    expect(message).not.toContain('\n');
  });
});

describe('AwsCallError.is', () => {
  it('knows its own by kind, and nothing else', () => {
    const error = new AwsCallError('ec2 describe-vpcs', classifyStderr(operation('AccessDenied')));
    expect(AwsCallError.is(error)).toBe(true);
    expect(AwsCallError.is(error, 'throttled', 'denied')).toBe(true);
    expect(AwsCallError.is(error, 'throttled')).toBe(false);
    expect(AwsCallError.is(new Error('AccessDenied'))).toBe(false);
  });

  it.each([
    operation('SignatureDoesNotMatch', 'Signature expired: 20260101T000000Z is now earlier than 2'),
    operation('InvalidSignatureException', 'Signature not yet current: 20260101T000000Z is later'),
    operation(
      'RequestTimeTooSkewed',
      'The difference between the request time and ours is too large',
    ),
  ])('takes a wrong clock for what it is, not for a region that is not enabled: %s', (stderr) => {
    const failure = classifyStderr(stderr);
    expect(failure).toMatchObject({ kind: 'configuration', code: 'ClockSkew' });
    expect(failure.message).toContain('Set the clock of this machine');
  });
});
