import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PlaybookRequest } from '../../src/protocol.ts';

/** What a server was asked. */
export interface Seen {
  method: string;
  headers: IncomingMessage['headers'];
  body: string;
  url: string;
}

export type Answer = (
  response: ServerResponse,
  seen: Seen,
  request: IncomingMessage,
) => void | Promise<void>;

/** A server on loopback whose n-th answer is the n-th given; the last one is repeated. */
export async function serverThat(...answers: Answer[]) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const call: Seen = {
        method: request.method ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString('utf8'),
        url: request.url ?? '',
      };
      const answer = answers[Math.min(seen.length, answers.length - 1)];
      seen.push(call);
      void answer?.(response, call, request);
    });
    response.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = addressOf(server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    seen,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address;
}

/** Answers with a status, a content type and a body. */
export function reply(
  status: number,
  contentType: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Answer {
  return (response) => {
    response.writeHead(status, { 'content-type': contentType, ...headers });
    response.end(body);
  };
}

export const html = '<!DOCTYPE html><html><title>Sign in</title>password=hunter2secret</html>';

/** A small request that validates. */
export function smallRequest(): PlaybookRequest {
  return {
    protocol: '1.0',
    request_id: 'request-1',
    conversation_id: 'conversation-1',
    message: { text: 'stop the idle web servers' },
    target: { partition: 'aws', account_id: '123456789012', regions: ['eu-west-1'] },
    resources: [],
    history: [],
    constraints: {
      max_risk: 'destructive',
      step_types: ['aws_cli', 'exec'],
      strategies: ['serial'],
      max_steps: 50,
    },
    metadata: { client: 'test', budget: { limit: 1000, used: 100 }, dropped: {}, redactions: {} },
  };
}
