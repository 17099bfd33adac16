import type { SealedCollection } from './backends/backend.ts';
import type { SealContext } from './encryption/envelope.ts';
import { pointId } from './identity.ts';

/**
 * Where sealed bytes belong, which is part of what is authenticated.
 *
 * @param id the id of a message, or the key of a resource
 */
export function sealContextOf(collection: SealedCollection, id: string): SealContext {
  if (collection === 'messages') return { collection: 'chat', id, field: 'message' };
  return { collection: 'estate', id: pointId(id), field: collection };
}
