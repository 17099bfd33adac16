import type { Schemas } from '@qdrant/js-client-rest';

type Condition = Schemas['Condition'];

/** Which messages are meant; what is absent does not restrict. */
export interface MessageConditions {
  conversation?: string | null;
  /** Any of these conversations. */
  among?: readonly string[];
  /** None of these conversations. */
  without?: readonly string[];
  roles?: readonly string[] | null;
  since?: string | null;
  until?: string | null;
  seq?: Schemas['Range'] | undefined;
}

/** The filter of messages; documents beside them have no `seq`. */
export function chatFilter(query: MessageConditions): Schemas['Filter'] {
  const must: Condition[] = [{ key: 'seq', range: query.seq ?? { gt: 0 } }];
  if (query.conversation != null) {
    must.push({ key: 'conversation_id', match: { value: query.conversation } });
  }
  if (query.among !== undefined) {
    must.push({ key: 'conversation_id', match: { any: [...query.among] } });
  }
  if (query.roles != null) must.push({ key: 'role', match: { any: [...query.roles] } });
  if (query.since != null) must.push({ key: 'created_at', range: { gte: query.since } });
  if (query.until != null) must.push({ key: 'created_at', range: { lt: query.until } });
  if (query.without === undefined || query.without.length === 0) return { must };
  return { must, must_not: [{ key: 'conversation_id', match: { any: [...query.without] } }] };
}
