/**
 * Why nothing could be asked about a resource:
 *
 * - `unsupported_principal`: root, a federated caller or a service: IAM simulates users, groups and roles only.
 * - `principal_not_found`: IAM does not know the user or role (any more).
 * - `denied`: the caller may not simulate (`iam:SimulatePrincipalPolicy`).
 * - `throttled`: still throttled after all attempts.
 * - `invalid`: IAM refused the action or the ARN as malformed.
 * - `credentials`: there are none, or AWS refused them, or they expired.
 * - `unreachable`: no answer from the endpoint.
 * - `unanswered`: IAM answered without this resource.
 * - `failed`: anything else that IAM answered.
 */
export type UnknownReason =
  | 'unsupported_principal'
  | 'principal_not_found'
  | 'denied'
  | 'throttled'
  | 'invalid'
  | 'credentials'
  | 'unreachable'
  | 'unanswered'
  | 'failed';

/** A reason with what AWS (or the SDK) said. */
export interface IamFailure {
  reason: UnknownReason;
  code: string;
  message: string;
}

const byName: readonly (readonly [RegExp, UnknownReason])[] = [
  [/^(Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|RequestThrottled)/u, 'throttled'],
  [/^(AccessDenied|UnauthorizedOperation|NotAuthorized)/u, 'denied'],
  [/^(InvalidInput|ValidationError|MalformedInput)/u, 'invalid'],
  [/^NoSuchEntity/u, 'principal_not_found'],
  [/^(CredentialsProviderError|TokenProviderError|ExpiredToken|RequestExpired)/u, 'credentials'],
  [/^(InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|AuthFailure)/u, 'credentials'],
  [/^(TimeoutError|NetworkingError|ECONN|ENOTFOUND|EAI_AGAIN|EPIPE|EHOSTUNREACH)/u, 'unreachable'],
];

/** What an error of the SDK means. */
export function describeFailure(error: unknown): IamFailure {
  if (!(error instanceof Error)) {
    return { reason: 'failed', code: 'Unknown', message: String(error) };
  }
  const systemCode = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const names = [error.name, systemCode].filter((name) => name !== '' && name !== 'Error');
  for (const code of names) {
    const reason = byName.find(([pattern]) => pattern.test(code))?.[1];
    if (reason !== undefined) return { reason, code, message: error.message };
  }
  return { reason: 'failed', code: names[0] ?? 'Unknown', message: error.message };
}

/** Whether the same call may succeed in a moment: throttling, a lost connection, an error inside IAM. */
export function isWorthRetrying(error: unknown): boolean {
  const { reason } = describeFailure(error);
  return reason === 'throttled' || reason === 'unreachable' || httpStatus(error) >= 500;
}

function httpStatus(error: unknown): number {
  if (!(error instanceof Error) || !('$metadata' in error)) return 0;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata))
    return 0;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : 0;
}

const HOPELESS: ReadonlySet<UnknownReason> = new Set([
  'denied',
  'principal_not_found',
  'credentials',
  'unreachable',
]);

/**
 * Whether every further call would fail alike. An endpoint that did not answer any of several attempts is one of
 * them: in a network without a way to IAM each call would take a minute to find that out again.
 */
export function isHopeless({ reason }: IamFailure): boolean {
  return HOPELESS.has(reason);
}
