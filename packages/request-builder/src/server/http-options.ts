import { z } from 'zod';
import { RequestError, toPointer } from '../errors.ts';

/** How to reach a server; everything but `url` has a default. */
export interface HttpTransportOptions {
  /** The server's base URL; `/v1/playbooks` is below it. `https`, or `http` on loopback. */
  url: string | URL;
  /** A bearer token, or a function that gives one; asked again with `refresh: true` after a 401. Default: none. */
  token?: string | ((options: { refresh: boolean }) => string | Promise<string>) | null;
  /** Sent with every request; the protocol's own headers win. */
  headers?: Record<string, string>;
  /** Default: the global `fetch`. One with a proxy or a CA of its own goes here. */
  fetch?: typeof fetch;
  /** Of one attempt. Default 120,000; the global `fetch` itself gives up after 300,000 without headers. */
  timeoutMs?: number;
  /** Of all attempts and the waiting between them. Default 300,000. */
  deadlineMs?: number;
  /** Default: 3 retries, the delay a random part of 500 ms, doubled up to 8,000. */
  retry?: { maxRetries?: number; initialDelayMs?: number; maxDelayMs?: number };
  /** Decompressed. Default 1 MiB. */
  maxResponseBytes?: number;
  /** Allows `http` to other hosts than loopback, which shows token and context to the network. Default false. */
  allowInsecureHttp?: boolean;
  /** From 0 to 1, for the jitter. Default `Math.random`. */
  random?: () => number;
}

/** Every default filled in. */
export interface HttpOptions {
  readonly url: URL;
  readonly token: NonNullable<HttpTransportOptions['token']> | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly retry: Readonly<{ maxRetries: number; initialDelayMs: number; maxDelayMs: number }>;
  readonly maxResponseBytes: number;
  readonly random: () => number;
}

const milliseconds = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);

const Numbers = z.object({
  timeoutMs: milliseconds.default(120_000),
  deadlineMs: milliseconds.default(300_000),
  retry: z
    .strictObject({
      maxRetries: z.int().min(0).max(10).default(3),
      initialDelayMs: z.int().min(0).max(600_000).default(500),
      maxDelayMs: z.int().min(0).max(600_000).default(8000),
    })
    .prefault({}),
  maxResponseBytes: z
    .int()
    .min(1024)
    .max(256 * 1024 * 1024)
    .default(1024 * 1024),
});

/** @throws RequestError `INVALID_OPTIONS` with the path of what is wrong */
export function resolveHttpOptions(options: HttpTransportOptions): HttpOptions {
  const numbers = Numbers.safeParse(options);
  if (!numbers.success) {
    const issue = numbers.error.issues[0];
    throw invalid(`httpTransport${toPointer(issue?.path ?? [])}: ${issue?.message ?? ''}`);
  }
  return Object.freeze({
    ...numbers.data,
    url: baseUrl(options),
    token: options.token ?? null,
    headers: lowerCased(options.headers ?? {}),
    fetch: options.fetch ?? globalThis.fetch,
    random: options.random ?? Math.random,
  });
}

function baseUrl({ url, allowInsecureHttp = false }: HttpTransportOptions): URL {
  const text = String(url);
  if (!URL.canParse(text)) throw invalid('httpTransport/url: not a URL');
  const parsed = new URL(text);
  if (parsed.username !== '' || parsed.password !== '') {
    throw invalid('httpTransport/url: credentials belong into token, not into the URL');
  }
  const isLoopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(parsed.hostname);
  const isAllowed =
    parsed.protocol === 'https:' ||
    (parsed.protocol === 'http:' && (isLoopback || allowInsecureHttp));
  if (!isAllowed) {
    throw invalid(
      'httpTransport/url: expected https (http only on loopback, or with allowInsecureHttp)',
    );
  }
  parsed.search = '';
  parsed.hash = '';
  // Resolution against a base drops its last segment unless it ends with a slash.
  if (!parsed.pathname.endsWith('/')) parsed.pathname += '/';
  return parsed;
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function invalid(message: string): RequestError {
  return new RequestError('INVALID_OPTIONS', message);
}
