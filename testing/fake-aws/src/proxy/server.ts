import { once } from 'node:events';
import { type Server, type ServerResponse, createServer } from 'node:http';
import { type ExchangeParts, handleExchange } from './exchange.ts';

/** A proxy that listens on a free loopback port. */
export interface Proxy {
  url: string;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** Starts the proxy in front of moto. */
export async function startProxy(parts: ExchangeParts): Promise<Proxy> {
  const server = createServer((incoming, outgoing) => {
    handleExchange(parts, incoming, outgoing).catch((error: unknown) => refuse(outgoing, error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, close: () => stop(server) };
}

/** The proxy's own failure (moto has gone, the caller has gone) is a bad gateway, with what happened. */
function refuse(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  outgoing.writeHead(502, { 'content-type': 'text/plain' }).end(`fake AWS: ${reason}\n`);
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
