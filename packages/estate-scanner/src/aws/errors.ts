/**
 * What an AWS failure means for a scan:
 *
 * - `throttled`, `server`: retried with full jitter.
 * - `connection`: the endpoint was not reached; retried once, then the scope is `unavailable`, not empty.
 * - `denied`: the caller may not; no retry.
 * - `credentials`: refused credentials; in one region, while STS works, the region is not enabled.
 * - `not_enabled`: the region or the service is not subscribed to; skipped.
 * - `expired`: the session ended; one retry with fresh credentials, then the account is aborted.
 * - `configuration`: no credentials, no such profile, malformed region; the account is aborted.
 * - `not_found`: the thing asked about does not exist (any more).
 * - `output`: the CLI printed too much, or something that is not JSON.
 * - `cli`: the CLI does not know the operation or an option, refuses the parameters or the query, or could not be run.
 * - `other`: anything else that AWS answered.
 */
export type AwsErrorKind =
  | 'throttled'
  | 'server'
  | 'connection'
  | 'denied'
  | 'credentials'
  | 'not_enabled'
  | 'expired'
  | 'configuration'
  | 'not_found'
  | 'output'
  | 'cli'
  | 'other';

/** What went wrong, as the CLI's stderr tells it. */
export interface AwsFailure {
  kind: AwsErrorKind;
  /** The service's own code (`AccessDenied`), or one of ours in the same style (`EndpointUnreachable`). */
  code: string;
  message: string;
  /** A service control policy, not the caller's own policies, forbids it. */
  scp: boolean;
}

const serviceError =
  /An error occurred \(([^)]*)\) when calling the (\S+) operation(?: \(reached max retries: \d+\))?: ([\s\S]*)/u;

const byCode: readonly (readonly [RegExp, AwsErrorKind])[] = [
  [/^(Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded)/u, 'throttled'],
  [
    /^(PriorRequestNotComplete|ProvisionedThroughputExceeded|LimitExceededException$)/u,
    'throttled',
  ],
  [/^(AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|403$)/u, 'denied'],
  [/^(AllAccessDisabled|AccountProblem)/u, 'denied'],
  [/^(AuthFailure|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId)/u, 'credentials'],
  [
    /^(SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|MissingAuthentication)/u,
    'credentials',
  ],
  [
    /^(OptInRequired|SubscriptionRequired|RegionDisabled|NotSignedUp|PendingVerification)/u,
    'not_enabled',
  ],
  [/^(ExpiredToken|RequestExpired|TokenRefreshRequired)/u, 'expired'],
  [
    /^(InternalError|InternalFailure|InternalServer|ServiceUnavailable|Unavailable|5\d\d$)/u,
    'server',
  ],
  [/^(RequestTimeout|ServiceException$|InternalService)/u, 'server'],
  [/(NotFound|NotFoundException|NotFoundFault|Fault\.NotFound)$/u, 'not_found'],
  [/^(NoSuch|ResourceNotFound|404$)/u, 'not_found'],
  [/(DoesNotExist|NonExistentQueue)$/u, 'not_found'],
];

/** Signatures are good for minutes around the time of AWS (https://docs.aws.amazon.com/IAM/latest/UserGuide/signature-v4-troubleshooting.html). */
const CLOCK_CODE = /^RequestTimeTooSkewed/u;
const CLOCK_MESSAGE = /Signature (expired|not yet current)/iu;

const byMessage: readonly (readonly [RegExp, AwsErrorKind, string])[] = [
  [/Enter MFA code for/iu, 'configuration', 'MfaRequired'],
  [/Could not connect to the endpoint URL/iu, 'connection', 'EndpointUnreachable'],
  [/Connect(ion)? timeout on endpoint URL|Connect timeout/iu, 'connection', 'ConnectTimeout'],
  [/Read timeout on endpoint URL/iu, 'connection', 'ReadTimeout'],
  [
    /Connection was closed before|Connection (reset|aborted|broken)|IncompleteRead/iu,
    'connection',
    'ConnectionClosed',
  ],
  [/An HTTP Client raised an unhandled exception/iu, 'connection', 'ConnectionClosed'],
  [/Failed to connect to proxy|SSL validation failed/iu, 'connection', 'ConnectionRefused'],
  [/^\s*'\w+Result'\s*$/u, 'server', 'ResponseInvalid'],
  [/Unable to parse response|invalid (XML|JSON) received/iu, 'server', 'TruncatedResponse'],
  [
    /Token (has expired|.*expired).*refresh failed|session.*has expired|SSO.*expired/iu,
    'expired',
    'ExpiredSession',
  ],
  [/Unable to locate credentials|Partial credentials found/iu, 'configuration', 'NoCredentials'],
  [/config profile \(.*\) could not be found/iu, 'configuration', 'ProfileNotFound'],
  [/You must specify a region/iu, 'configuration', 'NoRegion'],
  [/Provided region_name .* doesn't match/iu, 'configuration', 'InvalidRegion'],
  [/Error loading SSO Token|Error when retrieving/iu, 'configuration', 'CredentialSource'],
  [/Unable to parse config file|Infinite loop in credential/iu, 'configuration', 'ConfigFile'],
  [/Bad value for --query/iu, 'cli', 'QueryInvalid'],
  [/In function \w+\(\), invalid type for value/iu, 'cli', 'QueryInvalid'],
  [/Unknown options: --(max-items|page-size|starting-token)/iu, 'cli', 'NotPaged'],
  [/Invalid endpoint|Invalid choice|Unknown options/iu, 'cli', 'CliUsage'],
  [
    /Parameter validation failed|the following arguments are required/iu,
    'cli',
    'ParametersInvalid',
  ],
];

const SOMETHING_ON_THE_WAY =
  'Something on the way answered in the place of AWS: look for a proxy or a portal, and at the endpoint.';

/** What a user does about a configuration error, by its code. */
const fixes: Readonly<Record<string, string>> = {
  MfaRequired:
    'A scan cannot type the code of a device. Get a session with "aws sts get-session-token --serial-number … --token-code …" (or assume the role with them) and give its keys as credentials, or sign in with "aws sso login".',
  ExpiredSession: 'Sign in again with "aws sso login", with --profile where it has one.',
  ResponseInvalid: SOMETHING_ON_THE_WAY,
  ClockSkew:
    'Set the clock of this machine: AWS takes requests of a few minutes around its own time.',
  NoCredentials:
    'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or run "aws configure".',
  ProfileNotFound: 'Name a profile that "aws configure list-profiles" shows.',
  NoRegion: 'Set AWS_REGION, or a region in the profile.',
  InvalidRegion: 'A region reads like eu-west-1.',
  CredentialSource: 'Sign in again, for example with "aws sso login".',
  ConfigFile: 'Correct the AWS configuration file.',
  QueryInvalid: 'Correct the JMESPath expression; "aws … --query" tries it in a shell.',
  NotPaged:
    'The CLI does not page this operation: read it with context.aws, or declare it as read.',
  CliUsage:
    'Look for a typing error: the names are those of the CLI. If they are right, this CLI is too old for them: update it.',
  ParametersInvalid:
    "Correct the parameters: they have the API's names. If they are right, this CLI is too old for them: update it.",
};

/**
 * Says what a failed CLI call means, from its stderr. Exit codes tell nothing reliable: version 1 ends
 * with 255 for service and for credential errors alike.
 */
export function classifyStderr(stderr: string): AwsFailure {
  const found = serviceError.exec(stderr);
  if (found) {
    const code = found[1] ?? 'Unknown';
    const message = (found[3] ?? '').trim();
    if (found[2] === 'GetRoleCredentials' && code === 'UnauthorizedException') {
      // IAM Identity Center no longer knows the session that the CLI has stored.
      const fixed = `${clip(message)} ${fixes['ExpiredSession'] ?? ''}`;
      return { kind: 'expired', code: 'ExpiredSession', message: fixed, scp: false };
    }
    if (CLOCK_CODE.test(code) || CLOCK_MESSAGE.test(message)) {
      const fixed = `${clip(message)} ${fixes['ClockSkew'] ?? ''}`;
      return { kind: 'configuration', code: 'ClockSkew', message: fixed, scp: false };
    }
    const kind = byCode.find(([pattern]) => pattern.test(code))?.[1] ?? 'other';
    return { kind, code, message: clip(message), scp: /service control polic/iu.test(message) };
  }
  const device = /Enter MFA code for (\S+):/u.exec(stderr)?.[1];
  const said =
    device === undefined ? usageError(stderr) : `The profile asks for the code of ${device}.`;
  const message = clip(said.trim());
  for (const [pattern, kind, code] of byMessage) {
    if (pattern.test(stderr)) {
      const fix = fixes[code];
      return { kind, code, message: fix ? `${message} ${fix}` : message, scp: false };
    }
  }
  return {
    kind: 'other',
    code: 'CliFailed',
    message: message || 'the AWS CLI said nothing',
    scp: false,
  };
}

/** What a usage error says is wrong, which is behind a page of usage and of all operations that there are. */
function usageError(stderr: string): string {
  const wrong = [
    /(?:found )?invalid choice:? '[\s\S]*$/iu,
    /Unknown options: .*$/imu,
    /^aws: (?:error|\[ERROR\]): .*$/imu,
  ];
  for (const pattern of wrong) {
    const found = pattern.exec(stderr)?.[0];
    if (found !== undefined) return found;
  }
  return stderr;
}

/** The failure of a call that something else than AWS has answered, in a form that the CLI could read. */
export function foreignAnswer(): AwsFailure {
  const message = `the answer has no field of the service. ${SOMETHING_ON_THE_WAY}`;
  return { kind: 'server', code: 'ResponseInvalid', message, scp: false };
}

/** Keeps a message to what a report can show: an HTML error page is no message. */
function clip(message: string): string {
  const oneLine = message.replaceAll(/\s+/gu, ' ');
  return oneLine.length > 400 ? `${oneLine.slice(0, 400)}…` : oneLine;
}

/** An AWS call that failed for good. Plugins may catch it and look at `kind`. */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError';
  readonly kind: AwsErrorKind;
  readonly code: string;
  readonly scp: boolean;
  /** The call, as `service operation`. */
  readonly call: string;

  constructor(call: string, failure: AwsFailure) {
    super(failure.message);
    this.call = call;
    this.kind = failure.kind;
    this.code = failure.code;
    this.scp = failure.scp;
  }

  /** Whether a value is one, of a kind where `kinds` are given; works across two copies of the package. */
  static is(value: unknown, ...kinds: AwsErrorKind[]): value is AwsCallError {
    return (
      value instanceof Error &&
      value.name === 'AwsCallError' &&
      'kind' in value &&
      (kinds.length === 0 || kinds.some((kind) => kind === value.kind))
    );
  }
}

/** Kinds after which nothing more can be read from the account. */
export function endsAccount(kind: AwsErrorKind): boolean {
  return kind === 'expired' || kind === 'configuration';
}
