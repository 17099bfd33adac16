import { request } from 'node:http';

/** A complete answer of moto. */
export interface MotoAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** One request to moto; the credential scope says which service and region it is for. */
export interface MotoRequest {
  service: string;
  region: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  accessKeyId?: string;
}

/** Talks to moto directly, past the proxy: not counted, no faults. */
export type MotoClient = (call: MotoRequest) => Promise<MotoAnswer>;

/** A client for a moto on that loopback port. moto does not check signatures, so it sends none that would hold. */
export function motoClient(port: number): MotoClient {
  return (call) =>
    new Promise((resolve, reject) => {
      const scope = `${call.accessKeyId ?? 'AKIDSEED'}/20260101/${call.region}/${call.service}/aws4_request`;
      const outgoing = request({
        host: '127.0.0.1',
        port,
        method: call.method ?? 'POST',
        path: call.path ?? '/',
        agent: false,
        headers: {
          authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
          'content-length': Buffer.byteLength(call.body ?? ''),
          ...call.headers,
        },
      });
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      });
      outgoing.end(call.body);
    });
}
