import { FakeAwsError } from '../errors.ts';
import type { MotoAnswer, MotoClient } from './client.ts';

/** Parameters of a query-protocol call; arrays and objects become `Name.1`, `Name.Key` and so on. */
export type QueryParameters = { readonly [name: string]: QueryValue | undefined };
type QueryValue = string | number | boolean | readonly QueryValue[] | QueryParameters;

const versions: Readonly<Record<string, string>> = {
  ec2: '2016-11-15',
  iam: '2010-05-08',
  rds: '2014-10-31',
  sts: '2011-06-15',
};

/**
 * Calls a query-protocol service (ec2, iam, rds, sts) of moto and returns the XML of its answer.
 *
 * Lists are written `Name.1` as EC2 has them; where a service wants `Name.member.1` the caller nests
 * `{ Name: { member: […] } }`.
 *
 * @throws FakeAwsError `SEED_FAILED` with moto's words
 */
export async function query(
  moto: MotoClient,
  service: 'ec2' | 'iam' | 'rds' | 'sts',
  region: string,
  action: string,
  parameters: QueryParameters = {},
): Promise<string> {
  const form = new URLSearchParams({ Action: action, Version: versions[service] ?? '' });
  flatten('', parameters, form);
  const answer = await moto({
    service,
    region,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body: form.toString(),
  });
  return expectSuccess(answer, `${service}:${action}`);
}

/** The body of an answer that must have succeeded. */
export function expectSuccess(answer: MotoAnswer, what: string): string {
  if (answer.status < 300) return answer.body;
  throw new FakeAwsError(
    'SEED_FAILED',
    `moto answered ${what} with ${answer.status}: ${answer.body.slice(0, 500)}`,
  );
}

function flatten(prefix: string, value: QueryValue, form: URLSearchParams): void {
  if (typeof value !== 'object') {
    form.append(prefix, String(value));
    return;
  }
  const entries: [string, QueryValue | undefined][] = Array.isArray(value)
    ? value.map((item, index) => [String(index + 1), item])
    : Object.entries(value);
  for (const [name, item] of entries) {
    if (item !== undefined) flatten(prefix === '' ? name : `${prefix}.${name}`, item, form);
  }
}
