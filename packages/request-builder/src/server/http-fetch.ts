import { X509Certificate } from 'node:crypto';
import type { Dispatcher } from 'undici';
import { RequestError } from '../errors.ts';

/** As much of `fetch` as a transport needs. */
export type HttpFetch = (url: URL, init: FetchInit) => Promise<Response>;

interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  redirect: 'manual';
}

/** How a server is reached. */
export interface RouteOptions {
  /** Default: the global `fetch`. With one of your own, `proxy` and `ca` are its business. */
  fetch?: HttpFetch;
  /** URL of a proxy, or `environment` (default): `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, never for loopback. Null: none. */
  proxy?: string | URL | null;
  /** Certificates in PEM of the authorities that the server's may come from, instead of those of Node (to which `NODE_EXTRA_CA_CERTS` adds). */
  ca?: string | readonly string[] | null;
}

/** How connections are made, where it is not Node's own way. */
interface Route {
  /** Null: what the environment says. */
  proxy: string | null;
  ca: string[] | null;
}

/**
 * The `fetch` of a transport: the host's, Node's own, or one that goes through a proxy or trusts other certificates. Connections are kept alive by each of them.
 *
 * @throws RequestError `INVALID_OPTIONS`
 */
export function fetchFor(url: URL, options: RouteOptions): HttpFetch {
  const ca = certificatesOf(options.ca ?? null);
  const { proxy = 'environment' } = options;
  const hasProxy = proxy !== null && proxy !== 'environment';
  if (options.fetch !== undefined) {
    if (!hasProxy && ca === null) return options.fetch;
    throw invalid('fetch: proxy and ca go into a fetch of your own');
  }
  if (hasProxy) return fetchThrough({ proxy: proxyUrl(proxy), ca });
  const isDirect = proxy === null || isLoopback(url) || !namesProxy(process.env);
  if (isDirect && ca === null) return globalThis.fetch;
  return fetchThrough({ proxy: isDirect ? '' : null, ca });
}

/** Whether a URL is of this machine, where nothing can listen in between. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** A `fetch` whose connections are made on first use: undici is not loaded before. */
function fetchThrough(route: Route): HttpFetch {
  let made: Promise<HttpFetch> | undefined;
  return async (input, init) => {
    made ??= makeFetch(route);
    return await (
      await made
    )(input, init);
  };
}

async function makeFetch({ proxy, ca }: Route): Promise<HttpFetch> {
  const undici = await import('undici');
  const tls = ca === null ? {} : { ca };
  let dispatcher: Dispatcher;
  if (proxy === '') dispatcher = new undici.Agent({ connect: tls });
  else if (proxy === null) {
    dispatcher = new undici.EnvHttpProxyAgent({ connect: tls, requestTls: tls, proxyTls: tls });
  } else {
    const { url, authorization } = withoutCredentials(proxy);
    dispatcher = new undici.ProxyAgent({
      uri: url,
      ...authorization,
      requestTls: tls,
      proxyTls: tls,
    });
  }
  return async (url, init) => await undici.fetch(url, { ...init, dispatcher });
}

function withoutCredentials(proxy: string): { url: string; authorization: { token?: string } } {
  const url = new URL(proxy);
  if (url.username === '' && url.password === '') return { url: url.href, authorization: {} };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  const token = `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
  return { url: url.href, authorization: { token } };
}

function namesProxy(env: NodeJS.ProcessEnv): boolean {
  return ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY'].some((name) =>
    Boolean(env[name]),
  );
}

function proxyUrl(proxy: string | URL): string {
  const text = String(proxy);
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw invalid('proxy: expected the http or https URL of a proxy, "environment" or null');
}

function certificatesOf(ca: string | readonly string[] | null): string[] | null {
  if (ca === null) return null;
  const certificates = typeof ca === 'string' ? [ca] : [...ca];
  try {
    const parsed = certificates.map((certificate) => new X509Certificate(certificate));
    if (parsed.length > 0) return certificates;
    throw new Error('no certificate');
  } catch (error) {
    throw new RequestError('INVALID_OPTIONS', 'httpTransport/ca: not a certificate in PEM', {
      cause: error,
    });
  }
}

function invalid(message: string): RequestError {
  return new RequestError('INVALID_OPTIONS', `httpTransport/${message}`);
}
