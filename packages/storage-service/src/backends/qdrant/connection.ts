import { setTimeout as delay } from 'node:timers/promises';
import type { QdrantClient, QdrantClientParams } from '@qdrant/js-client-rest';
import { StorageError } from '../../errors.ts';
import type { QdrantServerConfig } from './config.ts';

/** What is always used is in 1.17 (`insert_only`) or before; 1.18 is the oldest that was tried. */
const oldestVersion = [1, 18] as const;
const attempts = 5;
const firstDelayMs = 200;
/** Of a client error none is cured by trying again, but for a time-out and a full queue. */
const retryableStatus: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** A client with retries and typed errors. Everything sent through it can be sent twice. */
export class QdrantConnection {
  readonly client: QdrantClient;
  #isClosed = false;
  #version: readonly [major: number, minor: number] = [0, 0];

  private constructor(client: QdrantClient) {
    this.client = client;
  }

  /**
   * Connects, and checks the version.
   *
   * @throws StorageError `STORE_UNAVAILABLE`, `STORE_TOO_OLD`, `ACCESS_DENIED`, `INVALID_INPUT`
   */
  static async open(config: QdrantServerConfig, timeoutMs: number): Promise<QdrantConnection> {
    const { QdrantClient: Client } = await import('@qdrant/js-client-rest');
    const connection = new QdrantConnection(new Client(clientParams(config, timeoutMs)));
    const version = versionFrom(await connection.run((client) => client.versionInfo()), config.url);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    connection.#version = [major, minor];
    if (!connection.isAtLeast(oldestVersion)) {
      throw new StorageError(
        'STORE_TOO_OLD',
        `The Qdrant server has version ${version}; ${oldestVersion.join('.')} or later is needed.`,
        { details: { version } },
      );
    }
    return connection;
  }

  /** Whether the server has this version or a later one. */
  isAtLeast([major, minor]: readonly [major: number, minor: number]): boolean {
    const [ofServer, minorOfServer] = this.#version;
    return ofServer > major || (ofServer === major && minorOfServer >= minor);
  }

  /** Makes a request; a failed one may have been applied, so it must be idempotent. */
  async run<T>(request: (client: QdrantClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      if (this.#isClosed) throw new StorageError('CLOSED', 'The storage is closed.');
      try {
        return await request(this.client);
      } catch (error) {
        if (attempt === attempts || !mayPass(error)) throw toStorageError(error);
        await delay(firstDelayMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
      }
    }
  }

  /** Makes a write, and requires that it was done: `acknowledged` and `wait_timeout` are HTTP 200 too. */
  async write(
    request: (client: QdrantClient) => Promise<{ status: string } | { status: string }[]>,
  ): Promise<void> {
    const result = await this.run(request);
    const results = Array.isArray(result) ? result : [result];
    const unfinished = results.find(({ status }) => status !== 'completed');
    if (unfinished !== undefined) {
      throw new StorageError(
        'STORE_BUSY',
        `Qdrant has taken the write but not done it yet (${unfinished.status}): try again.`,
      );
    }
  }

  close(): void {
    this.#isClosed = true;
  }
}

/**
 * What the client is made with.
 *
 * @throws StorageError `INVALID_INPUT`
 */
export function clientParams(config: QdrantServerConfig, timeoutMs: number): QdrantClientParams {
  let url: URL;
  try {
    url = new URL(config.url);
  } catch (cause) {
    throw new StorageError('INVALID_INPUT', 'backend.url: expected http(s)://host:port', { cause });
  }
  const https = url.protocol === 'https:';
  if (!https && url.protocol !== 'http:') {
    throw new StorageError('INVALID_INPUT', 'backend.url: expected http or https');
  }
  if (url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new StorageError(
      'INVALID_INPUT',
      'backend.url: expected host, port and path alone; a key belongs in backend.apiKey',
    );
  }
  return {
    // As `url` the client would drop the path, and add :6333 to https.
    host: url.hostname,
    port: portOf(config.url, url, https ? 443 : 6333),
    https,
    prefix: url.pathname.replace(/\/+$/u, ''),
    timeout: timeoutMs,
    checkCompatibility: false,
    // As `apiKey` the client would print a warning over plain http.
    headers: config.apiKey ? { 'api-key': config.apiKey } : {},
  };
}

/** A URL does not tell a port that is the usual one of its scheme from none: 80 would become 6333. */
function portOf(text: string, { port }: URL, fallback: number): number {
  if (port !== '') return Number(port);
  const written = /^\s*https?:\/*[^/?#]*:0*(80|443)(?=[/\s]|$)/iu.exec(text)?.[1];
  return written === undefined ? fallback : Number(written);
}

/** @throws StorageError `STORE_UNAVAILABLE` */
function versionFrom(answer: unknown, url: string): string {
  const { version }: { version?: unknown } = Object(answer);
  if (typeof version === 'string' && /^\d+\.\d+/u.test(version)) return version;
  throw new StorageError(
    'STORE_UNAVAILABLE',
    `What answers at ${url} is no Qdrant server, or something in front of it: it tells no version.`,
  );
}

function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('status' in error)) return null;
  return typeof error.status === 'number' ? error.status : null;
}

function mayPass(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== null) return retryableStatus.has(status) && !isFull(error);
  // A socket error is a TypeError; a time-out and a 429 are classes that are not exported, as is what becomes of a 429 with a date.
  return (
    error instanceof TypeError ||
    (error instanceof Error &&
      (/Timeout|ResourceExhausted|Abort/u.test(error.constructor.name) ||
        error.message.startsWith('Invalid retryAfter')))
  );
}

/** 507, or what the disk says through a 500. */
function isFull(error: unknown): boolean {
  return statusOf(error) === 507 || /no space left|disk is full/iu.test(reasonOf(error));
}

function toStorageError(error: unknown): StorageError {
  if (StorageError.is(error)) return error;
  const status = statusOf(error);
  const details = { status };
  const reason = reasonOf(error);
  if (status === 401 || status === 403) {
    return new StorageError(
      'ACCESS_DENIED',
      `Qdrant refuses the API key, or what is asked with it (${status}: ${reason}): check backend.apiKey and its rights.`,
      { details, cause: error },
    );
  }
  if (status === 404) {
    return new StorageError('STORE_UNAVAILABLE', `Qdrant does not know it: ${reason}`, {
      details,
      cause: error,
    });
  }
  if (isFull(error)) {
    return new StorageError('STORE_FULL', 'Qdrant has no room left: nothing more is written.', {
      details,
      cause: error,
    });
  }
  if (status === null || retryableStatus.has(status)) {
    return new StorageError('STORE_UNAVAILABLE', `Qdrant does not answer: ${reason}`, {
      details,
      cause: error,
      retryable: true,
    });
  }
  return new StorageError('BACKEND_FAILED', `Qdrant refuses a request (${status}): ${reason}`, {
    details,
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('data' in error) return JSON.stringify(error.data).slice(0, 500);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
