import type { EstateItem, EstateStore, StoredResource, UpsertResult } from '../../src/ports.ts';
import type { Resource } from '../../src/resource.ts';

type MarkOptions = Parameters<NonNullable<EstateStore['markMissing']>>[0];
type GoneOptions = Parameters<NonNullable<EstateStore['markGone']>>[0];

/** An estate in memory, for tests of what the scanner asks of a store. */
export class MemoryStore implements EstateStore {
  readonly records = new Map<string, Resource>();
  readonly vectors = new Map<string, Float32Array>();
  readonly upserts: EstateItem[][] = [];
  readonly missing = new Map<string, string>();

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
        !this.missing.delete(record.key) &&
        before?.content_hash === record.content_hash &&
        rights(before) === rights(record);
      result[before === undefined ? 'created' : same ? 'unchanged' : 'changed'].push(record.key);
      this.records.set(record.key, record);
      if (vector) this.vectors.set(record.key, vector);
      else if (vector === null) this.vectors.delete(record.key);
    }
    return Promise.resolve(result);
  }

  get(keys: string[]): Promise<(StoredResource | null)[]> {
    const missing_since = (key: string) => ({ missing_since: this.missing.get(key) ?? null });
    return Promise.resolve(
      keys.map((key) => {
        const record = this.records.get(key);
        return record === undefined ? null : { ...record, ...missing_since(key) };
      }),
    );
  }

  markMissing({ scope, scan_id, started_at }: MarkOptions): Promise<{ missing: string[] }> {
    const missing = [...this.records.values()]
      .filter(
        (record) =>
          record.account_id === scope.account_id &&
          (scope.region === undefined || record.region === scope.region) &&
          (scope.resource_type === undefined || record.resource_type === scope.resource_type) &&
          record.scan_id !== scan_id &&
          record.last_seen < started_at &&
          !this.missing.has(record.key),
      )
      .map(({ key }) => key);
    for (const key of missing) this.missing.set(key, new Date().toISOString());
    return Promise.resolve({ missing });
  }

  markGone({ keys, started_at }: GoneOptions): Promise<{ missing: string[] }> {
    const missing = keys.filter((key) => {
      const record = this.records.get(key);
      return record !== undefined && record.last_seen < started_at && !this.missing.has(key);
    });
    for (const key of missing) this.missing.set(key, new Date().toISOString());
    return Promise.resolve({ missing });
  }
}

function rights({ permissions }: Resource): string {
  return JSON.stringify(permissions && { ...permissions, evaluated_at: null });
}
