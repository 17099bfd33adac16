import { randomUUID } from 'node:crypto';
import type { DocumentStore } from './backends/backend.ts';

const documentName = 'store-id';

/** The name of a store, made when it is first asked for. */
export async function storeId(documents: DocumentStore): Promise<string> {
  await documents.replace(documentName, null, randomUUID());
  return (await documents.read(documentName)) ?? '';
}
