import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/**
 * The schemas of Qdrant's REST API, read from the types that its client generates from the OpenAPI description. A request with a name
 * that is not there, or a value of another type, is a mistake here, even where a server would ignore it.
 */
const schemas = readSchemas();

function readSchemas(): ReadonlyMap<string, ts.TypeNode> {
  const main = createRequire(import.meta.url).resolve('@qdrant/js-client-rest');
  const path = join(dirname(main), '../types/openapi/generated_schema.d.ts');
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const found = new Map<string, ts.TypeNode>();
  for (const statement of file.statements) {
    if (!ts.isInterfaceDeclaration(statement) || statement.name.text !== 'components') continue;
    const [member] = statement.members;
    if (member === undefined || !ts.isPropertySignature(member) || !member.type) continue;
    for (const schema of membersOf(member.type)) {
      if (ts.isPropertySignature(schema) && schema.type) {
        found.set(nameOf(schema.name), schema.type);
      }
    }
  }
  return found;
}

/** What is wrong with a request body, with its path; null when it is as the API describes it. */
export function problemWith(body: unknown, schema: string): string | null {
  const type = schemas.get(schema);
  if (type === undefined) throw new Error(`The API has no ${schema}.`);
  return problem(body, type, schema);
}

function problem(value: unknown, type: ts.TypeNode, path: string): string | null {
  if (ts.isParenthesizedTypeNode(type)) return problem(value, type.type, path);
  if (ts.isUnionTypeNode(type)) return problemOfAll(value, type.types, path);
  if (ts.isIntersectionTypeNode(type)) return problemOfAll(value, type.types, path);
  if (ts.isArrayTypeNode(type)) {
    if (!Array.isArray(value)) return `${path}: expected a list`;
    return first(value, (item, index) => problem(item, type.elementType, `${path}[${index}]`));
  }
  if (ts.isTypeLiteralNode(type)) return problemOfObject(value, type, path);
  if (ts.isIndexedAccessTypeNode(type) && ts.isLiteralTypeNode(type.indexType)) {
    const { literal } = type.indexType;
    const named = ts.isStringLiteral(literal) ? schemas.get(literal.text) : undefined;
    return named === undefined ? `${path}: unknown type` : problem(value, named, path);
  }
  if (ts.isLiteralTypeNode(type)) {
    const { literal } = type;
    if (literal.kind === ts.SyntaxKind.NullKeyword) return value === null ? null : `${path}: null`;
    const expected = ts.isStringLiteral(literal) ? literal.text : null;
    return value === expected ? null : `${path}: expected ${String(expected)}`;
  }
  const kinds = new Map<ts.SyntaxKind, string>([
    [ts.SyntaxKind.StringKeyword, 'string'],
    [ts.SyntaxKind.NumberKeyword, 'number'],
    [ts.SyntaxKind.BooleanKeyword, 'boolean'],
  ]);
  if (type.kind === ts.SyntaxKind.UnknownKeyword) return null;
  // What else there is (`Record<string, unknown>` beside null) only says that null may stand there.
  return typeof value === kinds.get(type.kind) ? null : `${path}: ${typeof value} is not expected`;
}

function problemOfAll(value: unknown, types: readonly ts.TypeNode[], path: string): string | null {
  let deepest: string | null = null;
  for (const type of types) {
    const found = problem(value, type, path);
    if (found === null) return null;
    // What came furthest is what was meant.
    const depth = found.split(': ')[0]?.length ?? 0;
    if (deepest === null || depth > (deepest.split(': ')[0]?.length ?? 0)) deepest = found;
  }
  return deepest;
}

function problemOfObject(value: unknown, type: ts.TypeLiteralNode, path: string): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `${path}: expected an object`;
  }
  const entries = new Map<string, unknown>(Object.entries(value));
  for (const member of type.members) {
    if (ts.isIndexSignatureDeclaration(member)) {
      return first([...entries], ([name, item]) => problem(item, member.type, `${path}.${name}`));
    }
    if (!ts.isPropertySignature(member) || !member.type) continue;
    const name = nameOf(member.name);
    const item = entries.get(name);
    entries.delete(name);
    if (item === undefined) {
      if (member.questionToken === undefined) return `${path}.${name}: is missing`;
      continue;
    }
    const found = problem(item, member.type, `${path}.${name}`);
    if (found !== null) return found;
  }
  const [unknown] = entries.keys();
  return unknown === undefined ? null : `${path}.${unknown}: is not known`;
}

function membersOf(type: ts.TypeNode): readonly ts.TypeElement[] {
  return ts.isTypeLiteralNode(type) ? type.members : [];
}

function nameOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : '';
}

function first<T>(items: readonly T[], look: (item: T, index: number) => string | null) {
  for (const [index, item] of items.entries()) {
    const found = look(item, index);
    if (found !== null) return found;
  }
  return null;
}
