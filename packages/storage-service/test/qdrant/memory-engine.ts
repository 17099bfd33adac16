import type { Body, StandInEngine } from './engine.ts';
import { matches, type Point, type StandInFilter, valueAt } from './filter.ts';

interface Collection {
  vectors: unknown;
  points: Map<string, Point>;
  /** Scrolls in an order so far. */
  turns: number;
}

interface PointsBody extends Body {
  points?: Point[];
  ids?: string[];
  filter?: StandInFilter;
  limit?: number;
}

interface ChangeBody extends PointsBody {
  payload?: Record<string, unknown>;
  key?: string;
  update_filter?: StandInFilter;
}

/** Points in memory, by the rules that the documentation gives for filters, conditional updates and ordering. */
export function memoryEngine(): StandInEngine {
  const collections = new Map<string, Collection>();
  const run = (name: string, path: string, body: PointsBody): unknown => {
    if (path === 'create') {
      collections.set(name, { vectors: body['vectors'], points: new Map(), turns: 0 });
      return true;
    }
    if (path === 'drop') return collections.delete(name);
    const collection = collections.get(name);
    if (collection === undefined) throw new Error(`${name} is not there`);
    switch (path) {
      case 'PUT index':
        return null;
      case 'PUT points':
        return upsert(collection, body);
      case 'POST points':
        return (body.ids ?? []).flatMap((id) => shown(collection.points.get(id), body) ?? []);
      case 'POST points/scroll':
        return scroll(collection, body);
      case 'POST points/count':
        return { count: selected(collection, body.filter).length };
      case 'POST points/delete':
        for (const id of listOf(body.points).map(String)) collection.points.delete(id);
        return null;
      case 'POST points/batch':
        for (const operation of listOf(body['operations'])) change(collection, operation);
        return null;
      case 'POST points/query':
        return { points: nearest(collection, body) };
      case 'POST facet':
        return { hits: facet(collection, body) };
      default:
        throw new Error(`no route ${path}`);
    }
  };
  return {
    call: async (name, path, body) => run(name, path, body),
    close: async () => {},
  };
}

function listOf(value: unknown): Body[] {
  return Array.isArray(value) ? value : [];
}

function selected(collection: Collection, filter: StandInFilter | undefined): Point[] {
  return [...collection.points.values()].filter(
    (point) => filter === undefined || matches(filter, point),
  );
}

function upsert(collection: Collection, body: PointsBody): void {
  for (const point of body.points ?? []) {
    const dense: unknown = Reflect.get(Object(collection.vectors), 'dense');
    const values = point.vector?.['dense'];
    if (values !== undefined && values.length !== Reflect.get(Object(dense), 'size')) {
      throw new Error('Vector dimension error');
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
  const body: ChangeBody = Object(details);
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
    else if (body.key === undefined) point.payload = merged(point.payload, body.payload);
    else point.payload[body.key] = merged(point.payload[body.key], body.payload);
  }
}

/** As the engine does it: null removes a field. */
function merged(payload: unknown, changes: Body | undefined): Record<string, unknown> {
  const all = Object.entries({ ...Object(payload), ...changes });
  return Object.fromEntries(
    all.filter(([name, value]) => value !== null || !(name in Object(changes))),
  );
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

function scroll(collection: Collection, body: PointsBody): object {
  let points = selected(collection, body.filter);
  const order: { key?: string; direction?: string } = Object(body['order_by']);
  const limit = body.limit ?? 10;
  if (order.key !== undefined) {
    const { key } = order;
    const sign = order.direction === 'desc' ? -1 : 1;
    // Where the numbers are the same nothing is promised: the order is another one each time.
    collection.turns += 1;
    const turn = collection.turns % 2 === 0 ? 1 : -1;
    points = points
      .filter((point) => typeof point.payload[key] === 'number')
      .sort(
        (a, b) =>
          sign * (Number(a.payload[key]) - Number(b.payload[key])) || (a.id < b.id ? -turn : turn),
      );
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

function nearest(collection: Collection, body: PointsBody): object[] {
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

function facet(collection: Collection, body: PointsBody): object[] {
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
