import { randomUUID } from 'node:crypto';
import { escapeXml } from '../moto/xml.ts';
import type { AwsCall, Protocol } from './call.ts';
import type { Answer } from './handler.ts';

/** An error as a service states it, before it is written in the protocol of the call. */
export interface ServiceError {
  status: number;
  code: string;
  message: string;
}

type ErrorWriter = (call: AwsCall, error: ServiceError) => Answer;

const writers: Readonly<Record<Protocol, ErrorWriter>> = {
  ec2: (_call, error) => ec2Error(error),
  query: queryError,
  'rest-xml': (_call, error) => s3Error(error),
  json: (_call, error) =>
    jsonError(error, 'application/x-amz-json-1.1', { __type: error.code, message: error.message }),
  'rest-json': (_call, error) =>
    jsonError(error, 'application/json', { Type: 'User', message: error.message }),
};

/** Writes an error the way the call's service does, so that clients parse its code. */
export function errorAnswer(call: AwsCall, error: ServiceError): Answer {
  return writers[call.protocol](call, error);
}

function ec2Error({ status, code, message }: ServiceError): Answer {
  return xml(
    status,
    `<Response><Errors><Error><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></Errors>` +
      `<RequestID>${randomUUID()}</RequestID></Response>`,
  );
}

/** Errors of rds, iam, sts and others of the query protocol. */
export function queryError(call: AwsCall, { status, code, message }: ServiceError): Answer {
  const at = `https://${call.service}.amazonaws.com/doc/`;
  return xml(
    status,
    `<ErrorResponse xmlns="${at}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${code}</Code>` +
      `<Message>${escapeXml(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
}

function s3Error({ status, code, message }: ServiceError): Answer {
  const id = randomUUID();
  const answer = xml(
    status,
    `<Error><Code>${code}</Code><Message>${escapeXml(message)}</Message><RequestId>${id}</RequestId></Error>`,
  );
  return { ...answer, headers: { ...answer.headers, 'x-amz-request-id': id } };
}

function jsonError({ status, code }: ServiceError, type: string, body: unknown): Answer {
  return {
    status,
    headers: { 'content-type': type, 'x-amzn-errortype': code, 'x-amzn-requestid': randomUUID() },
    body: JSON.stringify(body),
  };
}

function xml(status: number, body: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml;charset=UTF-8' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}
