import type { ContextValues } from './evaluate.ts';
import { IamError } from './iam-error.ts';
import type { NamedPolicy } from './policy-statements.ts';

/** A SimulatePrincipalPolicy call, read and checked. */
export interface SimulateRequest {
  policySourceArn: string;
  actions: readonly string[];
  /** `['*']` where the caller named none. */
  resources: readonly string[];
  context: ContextValues;
  extraPolicies: readonly NamedPolicy[];
  /** 1 to 1000. */
  maxItems: number;
  /** Index of the first result of this page. */
  offset: number;
}

/** AWS does not document the limit; callers meet InvalidInput somewhere above a thousand pairs and have to halve. */
const mostPairs = 1000;

/**
 * Reads the query parameters of the call.
 *
 * @throws IamError `ValidationError` or `InvalidInput`, as IAM answers
 */
export function readSimulateRequest(parameters: URLSearchParams): SimulateRequest {
  const policySourceArn = parameters.get('PolicySourceArn');
  const actions = listOf(parameters, 'ActionNames');
  if (policySourceArn === null) throw invalid('policySourceArn', 'must not be null');
  if (actions.length === 0) throw invalid('actionNames', 'must not be null');
  const named = listOf(parameters, 'ResourceArns');
  const resources = named.length === 0 ? ['*'] : named;
  if (actions.length * resources.length > mostPairs) {
    throw new IamError(
      'InvalidInput',
      `The number of actions times resources is ${actions.length * resources.length}; at most ${mostPairs} can be simulated.`,
    );
  }
  for (const action of actions) {
    if (!/^[\w-]+:[\w*]+$/.test(action)) {
      throw new IamError('InvalidInput', `Invalid Action: ${action}`);
    }
  }
  return {
    policySourceArn,
    actions,
    resources,
    context: contextOf(parameters),
    extraPolicies: listOf(parameters, 'PolicyInputList').map((text, index) => ({
      name: `PolicyInputList.${index + 1}`,
      document: parsed(text),
    })),
    maxItems: pageSize(parameters.get('MaxItems')),
    offset: offsetOf(parameters.get('Marker')),
  };
}

/** The marker that continues at a result. */
export function markerFor(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64url');
}

function offsetOf(marker: string | null): number {
  if (marker === null) return 0;
  const offset = /^offset:(\d+)$/.exec(Buffer.from(marker, 'base64url').toString())?.[1];
  if (offset === undefined) throw new IamError('InvalidInput', 'Invalid Marker.');
  return Number(offset);
}

function pageSize(text: string | null): number {
  const size = text === null ? 100 : Number(text);
  if (!Number.isInteger(size) || size < 1 || size > 1000) {
    throw invalid('maxItems', 'must have a value between 1 and 1000');
  }
  return size;
}

function listOf(parameters: URLSearchParams, name: string): string[] {
  const values: string[] = [];
  for (let index = 1; ; index += 1) {
    const value = parameters.get(`${name}.member.${index}`);
    if (value === null) return values;
    values.push(value);
  }
}

function contextOf(parameters: URLSearchParams): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = {};
  for (let index = 1; ; index += 1) {
    const prefix = `ContextEntries.member.${index}`;
    const key = parameters.get(`${prefix}.ContextKeyName`);
    if (key === null) return context;
    const values = listOf(parameters, `${prefix}.ContextKeyValues`);
    const isList = parameters.get(`${prefix}.ContextKeyType`)?.endsWith('List') ?? false;
    context[key] = isList ? values : (values[0] ?? '');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new IamError('InvalidInput', 'A policy of PolicyInputList is not JSON.');
  }
}

function invalid(field: string, constraint: string): IamError {
  return new IamError(
    'ValidationError',
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: Member ${constraint}`,
  );
}
