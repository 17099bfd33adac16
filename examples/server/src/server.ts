import type { Server } from 'node:http';
import { serve, type ServerType } from '@hono/node-server';
import type { Planner } from 'cloudops-request-builder/protocol';
import { createApp } from './app.ts';
import { WorkRegistry } from './work-registry.ts';
import { IdempotencyStore, type IdempotencyOptions } from './idempotency.ts';

/** How a server is set up. */
export interface PlaybookServerOptions {
  /** Who answers. */
  planner: Planner;
  /** The bearer token a client must send; at least one character. */
  token: string;
  /** Address to listen on. Default: `127.0.0.1`. */
  host?: string;
  /** Port; 0, the default, takes a free one. */
  port?: number;
  /** Largest request body in bytes. Default: 1 MiB. */
  maxBodyBytes?: number;
  /** How long the planner may take, in milliseconds. Default: 30,000. */
  planTimeoutMs?: number;
  /** An answer that takes longer is streamed, where the client reads streams, in milliseconds. Default: 200. */
  streamAfterMs?: number;
  /** Between the comments that keep a stream alive, in milliseconds. Default: 15,000. */
  heartbeatMs?: number;
  /** Bounds of what is remembered for replays. */
  idempotency?: IdempotencyOptions;
}

/** A server that listens. */
export interface PlaybookServer extends AsyncDisposable {
  /** Where it listens, without a slash at the end, like `http://127.0.0.1:41237`. */
  readonly url: string;
  /** Ends the planner's work and every connection; resolves when the port is free. */
  close: () => Promise<void>;
}

/**
 * Starts a server of the wire protocol v1.
 *
 * @throws {TypeError} where the token is empty
 * @throws {Error} with `code` `EADDRINUSE` and the like where it cannot listen
 */
export async function createServer(options: PlaybookServerOptions): Promise<PlaybookServer> {
  if (!/^[\w.~+/-]+=*$/.test(options.token)) {
    throw new TypeError(
      'A bearer token has letters, digits and ._~+/- only, at least one of them.',
    );
  }
  const host = options.host ?? '127.0.0.1';
  const closing = new AbortController();
  const app = createApp({
    planner: options.planner,
    token: options.token,
    maxBodyBytes: options.maxBodyBytes ?? 1024 * 1024,
    planTimeoutMs: options.planTimeoutMs ?? 30_000,
    streamAfterMs: options.streamAfterMs ?? 200,
    heartbeatMs: options.heartbeatMs ?? 15_000,
    signal: closing.signal,
    works: new WorkRegistry(),
    idempotency: new IdempotencyStore(options.idempotency),
  });
  const { server, port } = await listen(app.fetch, host, options.port ?? 0);
  let closed: Promise<void> | null = null;
  const close = () => {
    closed ??= new Promise<void>((resolve) => {
      closing.abort(new DOMException('The server is closing.', 'AbortError'));
      server.close(() => resolve());
      if (isHttpServer(server)) server.closeAllConnections();
    });
    return closed;
  };
  const address = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${address}:${port}`, close, [Symbol.asyncDispose]: close };
}

function listen(
  fetch: (request: Request) => Response | Promise<Response>,
  hostname: string,
  port: number,
): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname, port }, (info) => {
      server.off('error', reject);
      resolve({ server, port: info.port });
    });
    server.once('error', reject);
  });
}

function isHttpServer(server: ServerType): server is Server {
  return 'closeAllConnections' in server;
}
