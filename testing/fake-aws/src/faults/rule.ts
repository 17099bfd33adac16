import { FakeAwsError } from '../errors.ts';

/** Which calls a fault is for, and how often it strikes. Absent fields mean any call, every time. */
export interface FaultScope {
  /** The signing name: `ec2`, `rds`, `s3`, `lambda`, `iam`, `sts`, `tagging`. */
  service?: string;
  /** The API's own name, e.g. `DescribeInstances`. */
  operation?: string;
  /** The region of the request's signature. */
  region?: string;
  /** Parameters of the call, all of which must be equal: `{ RoleArn: '…' }`. Of a JSON body nothing is known. */
  parameters?: Readonly<Record<string, string>>;
  /** The share of calls to strike, 0 to 1, drawn from the seed. Default 1. */
  share?: number;
  /** How many calls to let through first. Default 0. */
  after?: number;
  /** How often to strike at most. Default: without end. */
  times?: number;
}

/** What happens to the call. */
export type FaultEffect =
  /** It takes that much longer; several add up, and other faults may strike as well. */
  | { kind: 'latency'; latencyMs: number }
  /**
   * Refused in the service's own words: too many calls; not allowed; credentials have expired; AWS has failed. `message` replaces the
   * text, e.g. to name a service control policy.
   */
  | { kind: 'throttle' | 'deny' | 'expire_credentials' | 'server_error'; message?: string }
  /** The region is not enabled for the account: every service there refuses the credentials. */
  | { kind: 'region_disabled'; region: string }
  /** The connection is reset: before moto sees the call (default), or after it has been carried out. */
  | { kind: 'reset'; when?: 'before' | 'after' }
  /** The body ends after that share of its bytes (default 0.5), and the connection with it. */
  | { kind: 'truncate'; keepShare?: number }
  /**
   * A page for people, as a proxy or a portal on the way answers. Default status 200. `form: 'xhtml'` is well-formed XML, and `'json'` an
   * object that no service of AWS knows.
   */
  | { kind: 'html'; status?: number; form?: 'html' | 'xhtml' | 'json' };

/** A fault to inject. */
export type FaultRule = FaultScope & FaultEffect;

/**
 * Checks a rule.
 *
 * @throws FakeAwsError `INVALID_OPTION` naming the field
 */
export function checkRule(rule: FaultRule): void {
  checkShare('share', rule.share ?? 1);
  checkCount('after', rule.after ?? 0);
  if (rule.times !== undefined) checkCount('times', rule.times);
  if (rule.kind === 'latency') checkCount('latencyMs', rule.latencyMs);
  if (rule.kind === 'truncate') checkShare('keepShare', rule.keepShare ?? 0.5);
  if (rule.kind === 'region_disabled' && rule.region === '') {
    throw new FakeAwsError('INVALID_OPTION', 'a region_disabled fault needs a region');
  }
}

function checkShare(field: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new FakeAwsError('INVALID_OPTION', `${field} of a fault is ${value}: give 0 to 1`);
}

function checkCount(field: string, value: number): void {
  if (Number.isInteger(value) && value >= 0) return;
  throw new FakeAwsError('INVALID_OPTION', `${field} of a fault is ${value}: give a whole number`);
}
