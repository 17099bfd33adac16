import type { Filter } from '../filter/filter.ts';
import type { ChatBackend, EstateBackend, StoredMessage, StoredResource } from './backend.ts';

/** As many as cross the thread at once; a few megabytes with ordinary resources. */
const pageSize = 500;

/** All messages in the order of `seq`, sealed, page by page. */
export async function* messagePages(chat: ChatBackend, after = 0): AsyncGenerator<StoredMessage[]> {
  let afterSeq = after;
  for (;;) {
    const page = await chat.list({
      conversation_id: null,
      roles: null,
      since: null,
      until: null,
      afterSeq,
      limit: pageSize,
    });
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    afterSeq = page.at(-1)?.seq ?? afterSeq;
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
