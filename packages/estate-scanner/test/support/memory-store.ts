import type { EstateItem, EstateStore, StoredResource, UpsertResult } from '../../src/ports.ts';
import type { Resource } from '../../src/resource.ts';

/** An estate in memory, for tests of what the scanner asks of a store. */
export class MemoryStore implements EstateStore {
  readonly records = new Map<string, Resource>();
  readonly vectors = new Map<string, Float32Array>();
  readonly upserts: EstateItem[][] = [];

  /** The resources of a type. */
  ofType(type: string): Resource[] {
    return [...this.records.values()].filter(({ resource_type }) => resource_type === type);
  }

  upsert(items: EstateItem[]): Promise<UpsertResult> {
    this.upserts.push(items);
    const result: UpsertResult = { created: [], changed: [], unchanged: [] };
    for (const { record, vector } of items) {
      const before = this.records.get(record.key);
      const same =
        before?.content_hash === record.content_hash && rights(before) === rights(record);
      result[before === undefined ? 'created' : same ? 'unchanged' : 'changed'].push(record.key);
      this.records.set(record.key, record);
      if (vector) this.vectors.set(record.key, vector);
      else if (vector === null) this.vectors.delete(record.key);
    }
    return Promise.resolve(result);
  }

  get(keys: string[]): Promise<(StoredResource | null)[]> {
    return Promise.resolve(keys.map((key) => this.records.get(key) ?? null));
  }
}

function rights({ permissions }: Resource): string {
  return JSON.stringify(permissions && { ...permissions, evaluated_at: null });
}
