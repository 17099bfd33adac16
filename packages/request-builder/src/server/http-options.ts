import { z } from 'zod';
import { RequestError, toPointer } from '../errors.ts';
import { fetchFor, isLoopback, type HttpFetch, type RouteOptions } from './http-fetch.ts';
import { TokenSource, type TokenOption } from './token-source.ts';

/** How to reach a server; everything but `url` has a default. */
export interface HttpTransportOptions extends RouteOptions {
  /** The server's base URL; `/v1/playbooks` is below it. `https`, or `http` on loopback. */
  url: string | URL;
  /** A bearer token, or a function that gives one; asked again with `refresh: true` after a 401. Default: none. */
  token?: TokenOption | null;
  /** Sent with every request; the protocol's own headers win. */
  headers?: Record<string, string>;
  /** Of one attempt; where the server answers with a stream, until it begins. Default 120,000; the global `fetch` itself gives up after 300,000 without headers. */
  timeoutMs?: number;
  /** Of all attempts and the waiting between them. Default 300,000. */
  deadlineMs?: number;
  /** Default: 3 retries, the delay a random part of 500 ms, doubled up to 8,000. */
  retry?: { maxRetries?: number; initialDelayMs?: number; maxDelayMs?: number };
  /** Without a byte for so long, a stream counts as broken, and is resumed. Default 45,000: three heartbeats. */
  streamIdleMs?: number;
  /** Of a document, or of one event, decompressed; a whole stream may have 8 times as much. Default 1 MiB. */
  maxResponseBytes?: number;
  /** Allows `http` to other hosts than loopback, which shows token and context to the network. Default false. */
  allowInsecureHttp?: boolean;
  /** From 0 to 1, for the jitter. Default `Math.random`. */
  random?: () => number;
}

/** Every default filled in. */
export interface HttpOptions {
  readonly url: URL;
  readonly tokens: TokenSource;
  readonly headers: Readonly<Record<string, string>>;
  readonly fetch: HttpFetch;
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly streamIdleMs: number;
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
  streamIdleMs: milliseconds.default(45_000),
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
  const url = baseUrl(options);
  return Object.freeze({
    ...numbers.data,
    url,
    tokens: new TokenSource(options.token ?? null),
    headers: headersOf(options.headers ?? {}),
    fetch: fetchFor(url, options),
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
  const isAllowed =
    parsed.protocol === 'https:' ||
    (parsed.protocol === 'http:' && (isLoopback(parsed) || allowInsecureHttp));
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

function headersOf(headers: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(new Headers(headers));
  } catch (error) {
    throw invalid(
      `httpTransport/headers: ${error instanceof Error ? error.message : 'not headers'}`,
    );
  }
}

function invalid(message: string): RequestError {
  return new RequestError('INVALID_OPTIONS', message);
}
