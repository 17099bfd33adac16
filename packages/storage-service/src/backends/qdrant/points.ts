import type { Schemas } from '@qdrant/js-client-rest';
import { batchesOf, chunksOf } from './batches.ts';
import type { QdrantConnection } from './connection.ts';

type Filter = Schemas['Filter'];
type Payload = Schemas['WithPayloadInterface'];
type Point = Schemas['Record'];

/** How reads and writes wait for the copies in a cluster; one node ignores it. */
const consistency = 'majority';
const ordering = 'strong';

/** One collection: reads and writes of points in batches that the server takes. */
export class QdrantPoints {
  readonly #connection: QdrantConnection;
  readonly name: string;

  constructor(connection: QdrantConnection, name: string) {
    this.#connection = connection;
    this.name = name;
  }

  /** The points of ids, by id. */
  async retrieve(
    ids: readonly string[],
    withPayload: Payload,
    withVector: string[] | false = false,
  ): Promise<Map<string, Point>> {
    const found = new Map<string, Point>();
    for (const chunk of chunksOf([...new Set(ids)])) {
      const points = await this.#connection.run((client) =>
        client.retrieve(this.name, {
          ids: chunk,
          with_payload: withPayload,
          with_vector: withVector,
          consistency,
        }),
      );
      for (const point of points) found.set(String(point.id), point);
    }
    return found;
  }

  /** The points that meet a filter, in order of a field if one is given, otherwise of their ids. */
  async scroll(query: {
    filter?: Filter | undefined;
    orderBy?: { key: string; direction: 'asc' | 'desc' };
    limit: number;
    withPayload: Payload;
    offset?: string | null;
  }): Promise<{ points: Point[]; next: string | null }> {
    const result = await this.#connection.run((client) =>
      client.scroll(this.name, {
        ...(query.filter === undefined ? {} : { filter: query.filter }),
        ...(query.orderBy === undefined ? {} : { order_by: query.orderBy }),
        ...(query.offset ? { offset: query.offset } : {}),
        limit: query.limit,
        with_payload: query.withPayload,
        with_vector: false,
        consistency,
      }),
    );
    const next = result.next_page_offset;
    return {
      points: result.points,
      next: typeof next === 'string' || typeof next === 'number' ? String(next) : null,
    };
  }

  /** All points that meet a filter, in order of their ids, page by page. */
  async *pages(filter: Filter | undefined, withPayload: Payload): AsyncGenerator<Point[]> {
    let offset: string | null = null;
    do {
      const page: { points: Point[]; next: string | null } = await this.scroll({
        filter,
        limit: 1000,
        withPayload,
        offset,
      });
      if (page.points.length > 0) yield page.points;
      offset = page.next;
    } while (offset !== null);
  }

  async count(filter: Filter | undefined): Promise<number> {
    const { count } = await this.#connection.run((client) =>
      client.count(this.name, { ...(filter === undefined ? {} : { filter }), exact: true }),
    );
    return count;
  }

  /** Inserts points that are not there; those that are stay as they are. */
  async insert(points: readonly Schemas['PointStruct'][]): Promise<void> {
    for (const batch of batchesOf(points)) {
      await this.#connection.write((client) =>
        client.upsert(this.name, {
          points: batch,
          update_mode: 'insert_only',
          wait: true,
          ordering,
        }),
      );
    }
  }

  /** Makes several changes, in order. */
  async change(operations: readonly Schemas['UpdateOperation'][]): Promise<void> {
    for (const batch of batchesOf(operations)) {
      await this.#connection.write((client) =>
        client.batchUpdate(this.name, { operations: batch, wait: true, ordering }),
      );
    }
  }

  async remove(ids: readonly string[]): Promise<void> {
    // An empty selector would not mean nothing.
    for (const points of chunksOf(ids)) {
      await this.#connection.write((client) =>
        client.delete(this.name, { points, wait: true, ordering }),
      );
    }
  }

  async facet(
    key: string,
    filter: Filter | undefined,
    limit: number,
  ): Promise<Schemas['FacetValueHit'][]> {
    const { hits } = await this.#connection.run((client) =>
      client.facet(this.name, {
        key,
        limit,
        exact: true,
        ...(filter === undefined ? {} : { filter }),
        consistency,
      }),
    );
    return hits;
  }

  async nearest(query: {
    vector: number[];
    using: string;
    filter: Filter | undefined;
    limit: number;
  }): Promise<Schemas['ScoredPoint'][]> {
    const { points } = await this.#connection.run((client) =>
      client.query(this.name, {
        query: query.vector,
        using: query.using,
        ...(query.filter === undefined ? {} : { filter: query.filter }),
        limit: query.limit,
        with_payload: ['key'],
        with_vector: false,
        consistency,
      }),
    );
    return points;
  }

  /** `green`, `yellow`, `grey` or `red`. */
  async status(): Promise<string> {
    const info = await this.#connection.run((client) => client.getCollection(this.name));
    return info.status;
  }
}
