import { wildcardMatches } from './wildcard.ts';

/** A policy as moto holds it. */
export interface NamedPolicy {
  name: string;
  document: unknown;
}

/**
 * The condition keys of the statements that are about an action on a resource: those are what IAM misses where the caller gave no
 * value for them.
 */
export function conditionKeys(
  policies: readonly NamedPolicy[],
  action: string,
  resource: string,
): string[] {
  const keys = policies
    .flatMap(({ document }) => statementsOf(document))
    .filter((statement) => concerns(statement, action, resource))
    .flatMap((statement) => Object.values(recordOf(statement['Condition'])))
    .flatMap((tests) => Object.keys(recordOf(tests)));
  return [...new Set(keys)];
}

/** All resource patterns that occur in policies, each once. */
export function resourcePatterns(policies: readonly NamedPolicy[]): string[] {
  const statements = policies.flatMap(({ document }) => statementsOf(document));
  const patterns = ['Resource', 'NotResource'].flatMap((field) =>
    statements.flatMap((statement) => textsOf(statement[field])),
  );
  return [...new Set(patterns)];
}

type Statement = Record<string, unknown>;

function statementsOf(document: unknown): Statement[] {
  const statements = recordOf(document)['Statement'];
  const list: unknown[] = Array.isArray(statements) ? statements : [statements];
  return list.map(recordOf);
}

function concerns(statement: Statement, action: string, resource: string): boolean {
  const wanted = action.toLowerCase();
  const covers = (patterns: unknown, text: string) =>
    textsOf(patterns).some((pattern) => wildcardMatches(pattern, text));
  const lower = (patterns: unknown) => textsOf(patterns).map((pattern) => pattern.toLowerCase());
  const aboutAction =
    'NotAction' in statement
      ? !covers(lower(statement['NotAction']), wanted)
      : covers(lower(statement['Action']), wanted);
  const aboutResource =
    'NotResource' in statement
      ? !covers(statement['NotResource'], resource)
      : covers(statement['Resource'], resource);
  return aboutAction && aboutResource;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function textsOf(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === 'string');
}
