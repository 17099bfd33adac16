import type { EstateRecord, StorageService } from 'cloudops-storage-service';

const PAGE = 1000;

/** All instances in the store, by id. */
export async function storedInstances(storage: StorageService): Promise<Map<string, EstateRecord>> {
  const instances = new Map<string, EstateRecord>();
  const filter = { eq: { field: 'resource_type', value: 'ec2:instance' } };
  let page = await storage.estate.list({ filter, limit: PAGE });
  for (;;) {
    for (const record of page.records) instances.set(idOf(record), record);
    if (page.cursor === null) return instances;
    page = await storage.estate.list({ filter, limit: PAGE, cursor: page.cursor });
  }
}

/** `i-0abc` of `ec2:instance/i-0abc`. */
function idOf({ resource_id: id }: EstateRecord): string {
  return id.slice(id.indexOf('/') + 1);
}
