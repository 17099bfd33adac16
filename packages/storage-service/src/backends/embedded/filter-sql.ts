import { fieldOf } from '../../filter/fields.ts';
import type { Filter } from '../../filter/filter.ts';
import type { SqlValue } from './database.ts';

/** A condition over `resource r` that is true or false, never NULL, and the values for its `?`. */
export interface SqlCondition {
  sql: string;
  values: SqlValue[];
}

/** Writes a parsed filter as SQL. Lists travel as one JSON value: SQLite takes 32,766 variables at most. */
export function filterToSql(filter: Filter | null): SqlCondition {
  const values: SqlValue[] = [];

  function text(node: Filter): string {
    if ('all' in node) return join(node.all, ' AND ', 'TRUE');
    if ('any' in node) return join(withListsOf(node.any), ' OR ', 'FALSE');
    if ('not' in node) return `NOT ${text(node.not)}`;
    if ('exists' in node) return onField(node.exists.field, null);
    if ('eq' in node) return onField(node.eq.field, compares('=', node.eq.value));
    if ('in' in node) {
      return onField(node.in.field, {
        sql: (column) => `${column} IN (SELECT value FROM json_each(?))`,
        values: [JSON.stringify(node.in.values)],
      });
    }
    if ('prefix' in node) return onField(node.prefix.field, startsWith(node.prefix.value));
    if ('gt' in node) return onField(node.gt.field, compares('>', node.gt.value));
    if ('gte' in node) return onField(node.gte.field, compares('>=', node.gte.value));
    if ('lt' in node) return onField(node.lt.field, compares('<', node.lt.value));
    return onField(node.lte.field, compares('<=', node.lte.value));
  }

  function join(nodes: readonly Filter[], operator: string, empty: string): string {
    return nodes.length === 0 ? empty : `(${nodes.map((node) => text(node)).join(operator)})`;
  }

  function onField(name: string, test: Test | null): string {
    const field = fieldOf(name);
    if (field === null) return 'FALSE';
    if (field.kind === 'tag') {
      values.push(field.tag);
      const value = on('t.value', test);
      return `r.rid IN (SELECT rt.rid FROM tag t CROSS JOIN resource_tag rt ON rt.tag = t.id WHERE t.name = ? AND ${value})`;
    }
    if (field.kind === 'actions') {
      const value = on('action', test);
      // IFNULL: NULL IN (…) is NULL.
      return `IFNULL(r.action_set, 0) IN (SELECT action_set FROM action_member WHERE ${value})`;
    }
    const column = `r.${field.name}`;
    return `(${column} IS NOT NULL AND ${on(column, test)})`;
  }

  function on(column: string, test: Test | null): string {
    if (test === null) return 'TRUE';
    values.push(...test.values);
    return test.sql(column);
  }

  return filter === null ? { sql: 'TRUE', values } : { sql: text(filter), values };
}

/** One list instead of many equal conditions on a field: SQLite would try each of them on each record. */
function withListsOf(nodes: readonly Filter[]): Filter[] {
  const values = new Map<string, string[]>();
  const others: Filter[] = [];
  for (const node of nodes) {
    if (!('eq' in node)) others.push(node);
    else values.set(node.eq.field, [...(values.get(node.eq.field) ?? []), node.eq.value]);
  }
  const lists = [...values].map(([field, [value = '', ...more]]): Filter =>
    more.length === 0 ? { eq: { field, value } } : { in: { field, values: [value, ...more] } },
  );
  return [...lists, ...others];
}

/** What is asked of one column. */
interface Test {
  sql: (column: string) => string;
  values: SqlValue[];
}

function compares(operator: string, value: string): Test {
  return { sql: (column) => `${column} ${operator} ?`, values: [value] };
}

function startsWith(prefix: string): Test {
  const end = successor(prefix);
  // A range can use an index; text is ordered by code point.
  if (end === null) return compares('>=', prefix);
  return { sql: (column) => `(${column} >= ? AND ${column} < ?)`, values: [prefix, end] };
}

/** The smallest text above all that start with `prefix`, by code points; null where there is none. */
function successor(prefix: string): string | null {
  const points = Array.from(prefix, (character) => character.codePointAt(0) ?? 0);
  while (points.length > 0) {
    const last = points.pop() ?? 0;
    if (last === 0x10ffff) continue;
    // Surrogates are no characters.
    const next = last === 0xd7ff ? 0xe000 : last + 1;
    return String.fromCodePoint(...points, next);
  }
  return null;
}
