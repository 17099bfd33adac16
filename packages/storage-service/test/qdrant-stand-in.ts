import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { matches, type Point, type StandInFilter, valueAt } from './qdrant-stand-in-filter.ts';

/**
 * Stands in for a Qdrant server, which cannot be had where these tests run: the REST calls that the backend makes, over real HTTP,
 * with the rules that the documentation gives for filters, conditional updates, ordering and strict mode. What it shows is that the
 * backend keeps to its own port; what a server does, only the contract suite with `QDRANT_URL` shows.
 */
export interface QdrantStandIn {
  url: string;
  /** Bodies of all requests, to look for what must not be in them. */
  bodies: string[];
  /** Answers the next requests with these statuses. */
  failNext: number[];
  close(): Promise<void>;
}

interface Collection {
  config: Record<string, unknown>;
  schema: Map<string, unknown>;
  points: Map<string, Point>;
}

class HttpError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface Body {
  [name: string]: unknown;
  points?: Point[];
  ids?: string[];
  filter?: StandInFilter;
  limit?: number;
}

/** Starts it on a free port of loopback. */
export async function startQdrantStandIn(
  options: { apiKey?: string; version?: string } = {},
): Promise<QdrantStandIn> {
  const collections = new Map<string, Collection>();
  const bodies: string[] = [];
  const failNext: number[] = [];
  const server = createServer((request, response) => {
    const answer = async () => {
      const text = await bodyOf(request);
      bodies.push(text);
      const url = new URL(request.url ?? '/', 'http://host');
      const status = failNext.shift();
      if (status !== undefined) throw new HttpError(status, 'asked to fail');
      if (options.apiKey !== undefined && request.headers['api-key'] !== options.apiKey) {
        throw new HttpError(401, 'Must provide an API key');
      }
      if (url.pathname === '/') return { title: 'stand-in', version: options.version ?? '1.19.0' };
      const body: Body = text === '' ? {} : JSON.parse(text);
      const result = route(collections, request.method ?? 'GET', url, body);
      return { result, status: 'ok', time: 0 };
    };
    answer().then(
      (value) =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
      (error: unknown) => {
        const status = error instanceof HttpError ? error.status : 500;
        const message = error instanceof Error ? error.message : String(error);
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify({ status: { error: message }, time: 0 }));
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    bodies,
    failNext,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (bytes.length > 32 * 1024 * 1024) throw new HttpError(413, 'Payload too large');
  return bytes.toString('utf8');
}

function route(
  collections: Map<string, Collection>,
  method: string,
  url: URL,
  body: Body,
): unknown {
  const [, , name = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const path = `${method} ${rest.join('/')}`;
  if (path === 'GET exists') return { exists: collections.has(name) };
  if (path === 'PUT ') {
    if (collections.has(name)) throw new HttpError(409, 'exists');
    collections.set(name, { config: body, schema: new Map(), points: new Map() });
    return true;
  }
  const collection = collections.get(name);
  if (collection === undefined) throw new HttpError(404, `Collection ${name} not found`);
  const done = {
    operation_id: 1,
    status: url.searchParams.get('wait') === 'true' ? 'completed' : 'acknowledged',
  };
  if (body.filter !== undefined) checkIndexed(body.filter, collection);
  switch (path) {
    case 'DELETE ':
      return collections.delete(name);
    case 'GET ':
      return {
        status: 'green',
        config: { params: { vectors: collection.config['vectors'] } },
        payload_schema: Object.fromEntries(collection.schema),
      };
    case 'PUT index':
      collection.schema.set(String(body['field_name']), body['field_schema']);
      return done;
    case 'PUT points':
      upsert(collection, body);
      return done;
    case 'POST points':
      return (body.ids ?? []).flatMap((id) => shown(collection.points.get(id), body) ?? []);
    case 'POST points/scroll':
      return scroll(collection, body);
    case 'POST points/count':
      return { count: selected(collection, body.filter).length };
    case 'POST points/delete':
      for (const id of listOf(body.points).map(String)) collection.points.delete(id);
      return done;
    case 'POST points/batch':
      for (const operation of listOf(body['operations'])) change(collection, operation);
      return listOf(body['operations']).map(() => done);
    case 'POST points/query':
      return { points: nearest(collection, body) };
    case 'POST facet':
      return { hits: facet(collection, body) };
    default:
      throw new HttpError(404, `no route ${path}`);
  }
}

function listOf(value: unknown): Body[] {
  return Array.isArray(value) ? value : [];
}

/** Strict mode: a condition on a field without an index is refused. */
function checkIndexed(filter: StandInFilter, { schema }: Collection): void {
  for (const key of JSON.stringify(filter).matchAll(/"key":"([^"]+)"/gu)) {
    if (!schema.has(key[1] ?? ''))
      throw new HttpError(400, `Index required but not found for ${key[1]}`);
  }
}

function selected(collection: Collection, filter: StandInFilter | undefined): Point[] {
  return [...collection.points.values()].filter(
    (point) => filter === undefined || matches(filter, point),
  );
}

function upsert(collection: Collection, body: Body): void {
  for (const point of body.points ?? []) {
    const vectors = collection.config['vectors'];
    const dense: unknown = Reflect.get(Object(vectors), 'dense');
    const values = point.vector?.['dense'];
    if (values !== undefined && values.length !== Reflect.get(Object(dense), 'size')) {
      throw new HttpError(400, 'Vector dimension error');
    }
    if (body['update_mode'] === 'insert_only' && collection.points.has(point.id)) continue;
    collection.points.set(point.id, {
      id: point.id,
      payload: point.payload ?? {},
      vector: point.vector ?? {},
    });
  }
}

function change(collection: Collection, operation: Body): void {
  const [[kind, details] = ['', {}]] = Object.entries(operation);
  const body: Body & {
    payload?: Record<string, unknown>;
    key?: string;
    update_filter?: StandInFilter;
  } = Object(details);
  if (body.filter !== undefined) checkIndexed(body.filter, collection);
  if (kind === 'update_vectors') {
    for (const update of body.points ?? []) {
      const point = collection.points.get(update.id);
      if (point && (body.update_filter === undefined || matches(body.update_filter, point))) {
        point.vector = { ...point.vector, ...update.vector };
      }
    }
    return;
  }
  const ids = listOf(body.points).map(String);
  const targets =
    body.filter === undefined
      ? ids.flatMap((id) => collection.points.get(id) ?? [])
      : selected(collection, body.filter);
  for (const point of targets) {
    if (kind === 'overwrite_payload') point.payload = { ...body.payload };
    else if (kind === 'delete_vectors') point.vector = {};
    else if (body.key === undefined) Object.assign(point.payload, body.payload);
    else point.payload[body.key] = { ...Object(point.payload[body.key]), ...body.payload };
  }
}

function shown(point: Point | undefined, body: Body): object | undefined {
  if (point === undefined) return undefined;
  const wanted = body['with_payload'];
  let payload: Record<string, unknown> | undefined;
  if (wanted === true) payload = point.payload;
  if (Array.isArray(wanted)) {
    payload = {};
    for (const path of wanted.map(String)) {
      const value = valueAt(point.payload, path);
      const [outer = '', inner] = path.split('.');
      if (value === undefined) continue;
      payload[outer] = inner === undefined ? value : { ...Object(payload[outer]), [inner]: value };
    }
  }
  // A copy: what was answered does not change with the point.
  return structuredClone({
    id: point.id,
    ...(payload === undefined ? {} : { payload }),
    ...(body['with_vector'] ? { vector: point.vector } : {}),
  });
}

function scroll(collection: Collection, body: Body): object {
  let points = selected(collection, body.filter);
  const order: { key?: string; direction?: string } = Object(body['order_by']);
  const limit = body.limit ?? 10;
  if (order.key !== undefined) {
    const { key } = order;
    const sign = order.direction === 'desc' ? -1 : 1;
    points = points
      .filter((point) => typeof point.payload[key] === 'number')
      .sort((a, b) => sign * (Number(a.payload[key]) - Number(b.payload[key])));
    return {
      points: points.slice(0, limit).map((point) => shown(point, body)),
      next_page_offset: null,
    };
  }
  points.sort((a, b) => (a.id < b.id ? -1 : 1));
  const start = body['offset']
    ? points.findIndex((point) => point.id >= String(body['offset']))
    : 0;
  const from = start < 0 ? points : points.slice(start);
  return {
    points: from.slice(0, limit).map((point) => shown(point, body)),
    next_page_offset: from[limit]?.id ?? null,
  };
}

function nearest(collection: Collection, body: Body): object[] {
  const query = listOf(body['query']).map(Number);
  return selected(collection, body.filter)
    .flatMap((point) => {
      const values = point.vector['dense'];
      return values === undefined ? [] : [{ ...shown(point, body), score: cosine(query, values) }];
    })
    .sort((a, b) => b.score - a.score)
    .slice(0, body.limit ?? 10);
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const length = (vector: readonly number[]) => Math.hypot(...vector);
  const dot = a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  return dot === 0 ? 0 : dot / (length(a) * length(b));
}

function facet(collection: Collection, body: Body): object[] {
  const counts = new Map<unknown, number>();
  for (const point of selected(collection, body.filter)) {
    const value = valueAt(point.payload, String(body['key']));
    for (const one of Array.isArray(value) ? new Set(value) : value == null ? [] : [value]) {
      counts.set(one, (counts.get(one) ?? 0) + 1);
    }
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count)
    .slice(0, body.limit ?? 10);
}
