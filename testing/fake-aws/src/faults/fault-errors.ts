import type { AwsCall, Protocol } from '../proxy/call.ts';
import type { ServiceError } from '../proxy/wire-errors.ts';

/** Faults that are answered with an error of the service. */
export type RefusalKind =
  | 'throttle'
  | 'deny'
  | 'region_disabled'
  | 'expire_credentials'
  | 'server_error';

type ErrorRow = readonly [status: number, code: string, message: string];

const invalidToken = 'The security token included in the request is invalid.';
const expiredToken = 'The security token included in the request is expired';
const internal = 'An internal error has occurred';
/** Written per call, see below. */
const notAuthorized = '';

/**
 * What each protocol answers. Sources: "Common errors" of each API reference, e.g.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const errors: Readonly<Record<RefusalKind, Readonly<Record<Protocol, ErrorRow>>>> = {
  throttle: {
    ec2: [503, 'RequestLimitExceeded', 'Request limit exceeded.'],
    query: [400, 'Throttling', 'Rate exceeded'],
    'rest-xml': [503, 'SlowDown', 'Please reduce your request rate.'],
    json: [400, 'ThrottlingException', 'Rate exceeded'],
    'rest-json': [429, 'TooManyRequestsException', 'Rate exceeded'],
  },
  deny: {
    ec2: [403, 'UnauthorizedOperation', notAuthorized],
    query: [403, 'AccessDenied', notAuthorized],
    'rest-xml': [403, 'AccessDenied', notAuthorized],
    json: [400, 'AccessDeniedException', notAuthorized],
    'rest-json': [403, 'AccessDeniedException', notAuthorized],
  },
  region_disabled: {
    ec2: [401, 'AuthFailure', 'AWS was not able to validate the provided access credentials'],
    query: [403, 'InvalidClientTokenId', invalidToken],
    'rest-xml': [
      403,
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    ],
    json: [400, 'UnrecognizedClientException', invalidToken],
    'rest-json': [403, 'UnrecognizedClientException', invalidToken],
  },
  expire_credentials: {
    ec2: [400, 'RequestExpired', 'Request has expired.'],
    query: [403, 'ExpiredToken', expiredToken],
    'rest-xml': [400, 'ExpiredToken', 'The provided token has expired.'],
    json: [400, 'ExpiredTokenException', expiredToken],
    'rest-json': [403, 'ExpiredTokenException', expiredToken],
  },
  server_error: {
    ec2: [500, 'InternalError', internal],
    query: [500, 'InternalFailure', internal],
    'rest-xml': [500, 'InternalError', internal],
    json: [500, 'InternalServiceException', internal],
    'rest-json': [500, 'ServiceException', internal],
  },
};

/** The error with which a service answers a refused call. */
export function faultError(kind: RefusalKind, call: AwsCall): ServiceError {
  const [status, code, message] = errors[kind][call.protocol];
  return { status, code, message: message === notAuthorized ? denial(call) : message };
}

function denial({ accessKeyId, service, operation }: AwsCall): string {
  return (
    `User with access key ${accessKeyId ?? '(none)'} is not authorized to perform: ${service}:${operation} ` +
    'because no identity-based policy allows the action'
  );
}
