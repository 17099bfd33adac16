import type { IncomingHttpHeaders } from 'node:http';
import { lambdaOperation } from './lambda-operations.ts';
import { s3Operation } from './s3-operations.ts';

/** The wire formats of AWS that differ in how an error looks. */
export type Protocol = 'ec2' | 'query' | 'rest-xml' | 'json' | 'rest-json';

/** One request to AWS, as far as its envelope tells. */
export interface AwsCall {
  /** The signing name, e.g. `ec2`, `s3`, `tagging` (Resource Groups Tagging API); `unsigned` where there is none. */
  service: string;
  /** The API's own name, e.g. `DescribeInstances`; `GET /path` where it is not known. */
  operation: string;
  /** From the credential scope; `us-east-1` where there is none. */
  region: string;
  protocol: Protocol;
  /** Null for an unsigned request. */
  accessKeyId: string | null;
  /** Parameters of a query-protocol call, otherwise of the URL. */
  parameters: URLSearchParams;
}

/** What is known of a request before its body is forwarded. */
export interface RequestEnvelope {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  /** The body of a form post, otherwise null. */
  form: string | null;
}

const credential = /Credential=([^/,\s]+)\/\d*\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/;

/** Says which call a request is, from its credential scope and its service's way of naming operations. */
export function identifyCall(envelope: RequestEnvelope): AwsCall {
  const scope = credentialScope(envelope);
  const service = scope?.service ?? 'unsigned';
  const parameters =
    envelope.form === null ? envelope.url.searchParams : new URLSearchParams(envelope.form);
  return {
    service,
    operation: operationOf(service, envelope, parameters),
    region: scope?.region ?? 'us-east-1',
    protocol: protocolOf(service, envelope.headers),
    accessKeyId: scope?.accessKeyId ?? null,
    parameters,
  };
}

function credentialScope({ headers, url }: RequestEnvelope) {
  const presigned = url.searchParams.get('X-Amz-Credential');
  const text = headers.authorization ?? (presigned === null ? '' : `Credential=${presigned}`);
  const [, accessKeyId, region, service] = credential.exec(text) ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) return null;
  return { accessKeyId, region, service: service.toLowerCase() };
}

function operationOf(
  service: string,
  { method, url, headers }: RequestEnvelope,
  parameters: URLSearchParams,
): string {
  const action = parameters.get('Action');
  if (action !== null && service !== 's3') return action;
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1);
  const known =
    service === 's3'
      ? s3Operation(method, url, headers)
      : service === 'lambda'
        ? lambdaOperation(method, url)
        : null;
  return known ?? `${method} ${url.pathname}`;
}

function protocolOf(service: string, headers: IncomingHttpHeaders): Protocol {
  if (service === 'ec2') return 'ec2';
  if (service === 's3') return 'rest-xml';
  if (service === 'lambda') return 'rest-json';
  return headers['x-amz-target'] === undefined ? 'query' : 'json';
}

/** Whose request to moto stands for a call: a key of an assumed role is one of another account. */
export function callerOf({ accessKeyId }: AwsCall): { accessKeyId?: string } {
  return accessKeyId === null ? {} : { accessKeyId };
}
