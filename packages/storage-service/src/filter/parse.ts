import { StorageError } from '../errors.ts';
import { normalizeTime } from '../time.ts';
import { wellFormed } from '../well-formed.ts';
import { fieldNames, fieldOf, type Field } from './fields.ts';
import { conditionShapes, type Filter } from './filter.ts';

/** SQLite refuses expressions deeper than 1,000; people need four. */
const maxDepth = 32;
/** Conditions in one filter; a list of values counts once. */
const maxConditions = 1000;

type Operator = keyof typeof conditionShapes;

/**
 * Validates a filter and brings its values to the form in which they are stored (times in UTC, text well-formed).
 *
 * @throws StorageError `FILTER_INVALID` with the path of what is wrong, `UNKNOWN_FIELD` for a field that is not indexed
 */
export function parseFilter(input: unknown): Filter {
  let conditions = 0;

  function parse(node: unknown, path: string, depth: number): Filter {
    if (depth > maxDepth) throw invalid(path, `nested deeper than ${maxDepth} levels`);
    conditions += 1;
    if (conditions > maxConditions) throw invalid(path, `more than ${maxConditions} conditions`);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) {
      throw invalid(path, 'expected an object such as { eq: { field, value } }');
    }
    const entries = Object.entries(node);
    const [entry] = entries;
    if (entry === undefined || entries.length !== 1) {
      throw invalid(
        path,
        `expected exactly one operator, found ${entries.length}; use { all: […] }`,
      );
    }
    const [operator, operand] = entry;
    const below = path === '' ? operator : `${path}.${operator}`;
    switch (operator) {
      case 'all':
        return { all: parseList(operand, below, depth) };
      case 'any':
        return { any: parseList(operand, below, depth) };
      case 'not':
        return { not: parse(operand, below, depth + 1) };
      default:
        if (!isOperator(operator)) {
          throw invalid(path, `unknown operator ${JSON.stringify(operator)}`);
        }
        return parseCondition(operator, operand, below);
    }
  }

  function parseList(nodes: unknown, path: string, depth: number): Filter[] {
    if (!Array.isArray(nodes)) throw invalid(path, 'expected a list of filters');
    return nodes.map((node: unknown, index) => parse(node, `${path}.${index}`, depth + 1));
  }

  return parse(input, '', 0);
}

function isOperator(name: string): name is Operator {
  return Object.hasOwn(conditionShapes, name);
}

function parseCondition(operator: Operator, operand: unknown, path: string): Filter {
  if (operator === 'exists') {
    const { field } = checked(conditionShapes.exists, operand, path);
    knownField(field, path);
    return { exists: { field } };
  }
  if (operator === 'in') {
    const { field, values } = checked(conditionShapes.in, operand, path);
    const known = knownField(field, path);
    return { in: { field, values: values.map((value) => stored(known, value, path)) } };
  }
  const { field, value } = checked(conditionShapes[operator], operand, path);
  const known = knownField(field, path);
  if (operator === 'prefix') {
    if (known.kind === 'time') throw invalid(path, `${field} is a time: use gte and lt`);
    return { prefix: { field, value: wellFormed(value) } };
  }
  if (operator !== 'eq' && known.kind !== 'time') {
    throw invalid(path, `${field} is text: ${operator} needs a time`);
  }
  const operands = { field, value: stored(known, value, path) };
  if (operator === 'eq') return { eq: operands };
  if (operator === 'gt') return { gt: operands };
  if (operator === 'gte') return { gte: operands };
  return operator === 'lt' ? { lt: operands } : { lte: operands };
}

function checked<T>(
  schema: {
    safeParse(
      input: unknown,
    ):
      | { success: true; data: T }
      | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
  },
  operand: unknown,
  path: string,
): T {
  const parsed = schema.safeParse(operand);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid([path, ...(issue?.path ?? []).map(String)].join('.'), issue?.message ?? 'invalid');
}

function knownField(name: string, path: string): Field {
  const field = fieldOf(name);
  if (field !== null) return field;
  throw new StorageError(
    'UNKNOWN_FIELD',
    `${path}.field: ${JSON.stringify(name)} is not an indexed field; known are ${fieldNames.join(', ')}`,
    { details: { path: `${path}.field`, field: name } },
  );
}

function stored(field: Field, value: string, path: string): string {
  if (field.kind !== 'time') return wellFormed(value);
  const time = normalizeTime(value);
  if (time === null) throw invalid(`${path}.value`, 'expected an RFC 3339 time with an offset');
  return time;
}

function invalid(path: string, problem: string): StorageError {
  const place = path === '' ? 'filter' : `filter: ${path}`;
  return new StorageError('FILTER_INVALID', `${place}: ${problem}`, { details: { path } });
}
