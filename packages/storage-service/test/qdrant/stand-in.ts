import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { Body, StandInEngine } from './engine.ts';
import { memoryEngine } from './memory-engine.ts';
import { problemWith } from './openapi.ts';
import { checkRequest, type CollectionInfo } from './strict-mode.ts';

/**
 * Stands in for a Qdrant server, which cannot be had where these tests run: the REST calls that the backend makes, over real HTTP. Each
 * request must be as the API describes it, with indexes as strict mode demands. Behind it points are kept in memory, or by Qdrant's own
 * engine; what a server does, only the contract suite with `QDRANT_URL` shows.
 */
export interface QdrantStandIn {
  url: string;
  /** Bodies of all requests, to look for what must not be in them. */
  bodies: string[];
  /** Answers the next requests with these statuses, or with a status and headers and body of its own. */
  failNext: (number | { status: number; headers?: Record<string, string>; body: string })[];
  /** What the server says it is. */
  version: string;
  /** Answers writes with this status instead of `completed`. */
  writeStatus: string;
  close(): Promise<void>;
}

class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The schemas of the bodies by path. */
const bodySchemas: Readonly<Record<string, string>> = {
  'PUT ': 'CreateCollection',
  'PUT index': 'CreateFieldIndex',
  'PUT points': 'PointInsertOperations',
  'POST points': 'PointRequest',
  'POST points/scroll': 'ScrollRequest',
  'POST points/count': 'CountRequest',
  'POST points/delete': 'PointsSelector',
  'POST points/batch': 'UpdateOperations',
  'POST points/query': 'QueryRequest',
  'POST facet': 'FacetRequest',
};
const writes: ReadonlySet<string> = new Set([
  'PUT index',
  'PUT points',
  'POST points/delete',
  'POST points/batch',
]);
const parameters: Readonly<Record<string, readonly string[]>> = {
  wait: ['true'],
  ordering: ['weak', 'medium', 'strong'],
  consistency: ['majority', 'quorum', 'all'],
};

/** Starts it on a free port of loopback. */
export async function startQdrantStandIn(
  options: { apiKey?: string; version?: string; engine?: StandInEngine } = {},
): Promise<QdrantStandIn> {
  const engine = options.engine ?? memoryEngine();
  const collections = new Map<string, CollectionInfo>();
  const standIn: QdrantStandIn = {
    url: '',
    bodies: [],
    failNext: [],
    version: options.version ?? '1.19.0',
    writeStatus: 'completed',
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await engine.close();
    },
  };
  const server = createServer((request, response) => {
    const answer = async () => {
      const text = await bodyOf(request);
      standIn.bodies.push(text);
      const url = new URL(request.url ?? '/', 'http://host');
      const failure = standIn.failNext.shift();
      if (typeof failure === 'number') throw new HttpError(failure, 'asked to fail');
      if (failure !== undefined) {
        response.writeHead(failure.status, failure.headers).end(failure.body);
        return;
      }
      if (options.apiKey !== undefined && request.headers['api-key'] !== options.apiKey) {
        throw new HttpError(401, 'Must provide an API key or an Authorization bearer token');
      }
      const isRoot = url.pathname === '/';
      const result = isRoot ? null : await route(request.method ?? 'GET', url, text);
      const answered = isRoot
        ? { title: 'stand-in', version: standIn.version }
        : { result, status: 'ok', time: 0 };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered));
    };
    answer().catch((error: unknown) => {
      const status = error instanceof HttpError ? error.status : 500;
      const message = error instanceof Error ? error.message : String(error);
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ status: { error: message }, time: 0 }));
    });
  });

  const route = async (method: string, url: URL, text: string): Promise<unknown> => {
    const [, , name = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
    const path = `${method} ${rest.join('/')}`;
    if (path === 'GET exists') return { exists: collections.has(name) };
    const body = parsedBody(path, text);
    checkParameters(url);
    const info = collections.get(name);
    if (path === 'PUT ') {
      if (info !== undefined) throw new HttpError(409, `Collection ${name} already exists`);
      collections.set(name, { config: body, indexes: new Map() });
      return engine.call(name, 'create', body);
    }
    if (info === undefined) throw new HttpError(404, `Collection ${name} doesn't exist!`);
    if (path === 'DELETE ') {
      collections.delete(name);
      await engine.call(name, 'drop', {});
      return true;
    }
    if (path === 'GET ') return described(info);
    return badRequest(async () => {
      if (/"prefix":/u.test(text) && !hasPrefixes(standIn.version)) {
        throw new Error('data did not match any variant of untagged enum Match');
      }
      checkRequest(path, body, info);
      if (path === 'PUT index') info.indexes.set(String(body['field_name']), schemaOf(body));
      const result = await engine.call(name, path, body);
      if (!writes.has(path)) return result;
      const done = {
        operation_id: 1,
        status: url.searchParams.get('wait') ? standIn.writeStatus : 'acknowledged',
      };
      return path === 'POST points/batch'
        ? Object.values(Object(body['operations'])).map(() => done)
        : done;
    });
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  standIn.url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return standIn;
}

function parsedBody(path: string, text: string): Body {
  const body: Body = text === '' ? {} : JSON.parse(text);
  const schema = bodySchemas[path];
  const found = schema === undefined ? null : problemWith(body, schema);
  if (found !== null) throw new HttpError(400, `Format error in JSON body: ${found}`);
  return body;
}

function checkParameters(url: URL): void {
  for (const [name, value] of url.searchParams) {
    if (!parameters[name]?.includes(value)) throw new HttpError(400, `?${name}=${value}`);
  }
}

async function badRequest<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new HttpError(400, error instanceof Error ? error.message : String(error));
  }
}

/** Prefix matching came with 1.19. */
function hasPrefixes(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 1 || minor >= 19;
}

function schemaOf(body: Body): Body {
  const schema = body['field_schema'];
  return typeof schema === 'string' ? { type: schema } : Object(schema);
}

function described({ config, indexes }: CollectionInfo): object {
  return {
    status: 'green',
    config: { params: { vectors: config['vectors'] } },
    payload_schema: Object.fromEntries(
      [...indexes].map(([field, params]) => [
        field,
        { data_type: params['type'], params, points: 0 },
      ]),
    ),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (bytes.length > 32 * 1024 * 1024) throw new HttpError(413, 'Payload too large');
  return bytes.toString('utf8');
}
