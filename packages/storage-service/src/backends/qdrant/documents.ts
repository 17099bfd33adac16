import { createHash } from 'node:crypto';
import { pointId } from '../../identity.ts';
import type { DocumentStore } from '../backend.ts';
import { chatFilter } from './chat-filter.ts';
import type { QdrantPoints } from './points.ts';

/** The small documents of the store: points beside the messages, which have no `seq` and so are never among them. */
export function qdrantDocuments(chat: QdrantPoints, estate: QdrantPoints): DocumentStore {
  const idOf = (name: string) => pointId(`document:${name}`);
  const read = async (name: string) => {
    const point = (await chat.retrieve([idOf(name)], ['text'])).get(idOf(name));
    const text = point?.payload?.['text'];
    return typeof text === 'string' ? text : null;
  };
  return {
    read,
    replace: async (name, expected, text) => {
      const id = idOf(name);
      const payload = { document: name, text, revision: revisionOf(text) };
      if (expected === null) {
        if ((await read(name)) !== null) return false;
        await chat.insert([{ id, vector: {}, payload }]);
      } else {
        const filter = {
          must: [{ has_id: [id] }, { key: 'revision', match: { value: revisionOf(expected) } }],
        };
        await chat.change([{ overwrite_payload: { payload, filter } }]);
      }
      return (await read(name)) === text;
    },
    holdsData: async () =>
      (await chat.count(chatFilter({}))) > 0 || (await estate.count(undefined)) > 0,
  };
}

function revisionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
