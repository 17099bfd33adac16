import type { Filter } from '../filter/filter.ts';
import type {
  ChatBackend,
  EstateBackend,
  MessagePlace,
  StoredMessage,
  StoredResource,
} from './backend.ts';

/** As many as cross the thread at once; a few megabytes with ordinary resources. */
const pageSize = 500;

/** All messages behind a place (null: from the first), in their order, sealed, page by page. */
export async function* messagePages(
  chat: ChatBackend,
  from: MessagePlace | null = null,
): AsyncGenerator<StoredMessage[]> {
  let after = from;
  for (;;) {
    const page: StoredMessage[] = await chat.list({
      conversation_id: null,
      roles: null,
      since: null,
      until: null,
      after,
      limit: pageSize,
    });
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    const last = page.at(-1);
    if (last !== undefined) after = { seq: last.seq, id: last.id };
  }
}

/** The resources that meet a filter (null: all, tombstones among them) by key, sealed, page by page. */
export async function* resourcePages(
  estate: EstateBackend,
  filter: Filter | null,
  afterKey: string | null = null,
): AsyncGenerator<StoredResource[]> {
  let after = afterKey === null ? null : { value: afterKey, key: afterKey };
  for (;;) {
    const page: StoredResource[] = await estate.list({
      filter,
      order: { field: 'key', direction: 'asc' },
      after,
      limit: pageSize,
    });
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = { value: last.record.key, key: last.record.key };
  }
}
