import { RequestError, type Finding } from '../errors.ts';
import type { Playbook, PlaybookParameter } from '../protocol/playbook.ts';
import { matchPattern, type PatternResult } from './pattern.ts';

/** Values for a playbook's parameters. */
export type Inputs = Record<string, string | number | boolean>;

/**
 * The value of every parameter: what was given, else its default, checked against its type and pattern.
 *
 * @throws RequestError `PARAMETER_INVALID` with everything that is wrong in `details.errors`; the values themselves are not repeated
 */
export function resolveInputs(playbook: Playbook, given: Inputs = {}): Inputs {
  const parameters = playbook.parameters ?? {};
  const findings: Finding[] = [];
  const resolved: Inputs = {};
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(parameters, name)) {
      findings.push({
        pointer: `/parameters/${name}`,
        message: 'the playbook has no such parameter',
      });
    }
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : (parameter.default ?? undefined);
    const message = value === undefined ? 'a value is missing' : faultOf(parameter, value);
    if (message !== null) findings.push({ pointer: `/parameters/${name}`, message });
    // The next one may take as long.
    if (message === patternFaults.too_slow) break;
    if (message === null && value !== undefined) resolved[name] = value;
  }
  if (findings.length > 0) {
    const list = findings.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
    throw new RequestError('PARAMETER_INVALID', list, {
      details: { errors: findings.map(({ pointer, message }) => ({ pointer, message })) },
    });
  }
  return resolved;
}

function faultOf(parameter: PlaybookParameter, value: string | number | boolean): string | null {
  const { type, pattern } = parameter;
  if (type === 'integer' ? !Number.isSafeInteger(value) : typeof value !== type) {
    return `expected ${type}`;
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return 'expected a finite number';
  if (typeof value !== 'string') return null;
  if (value.length > 10_000) return 'longer than 10,000 characters';
  if (value.includes('\0')) return 'has a NUL character';
  if (pattern === null || pattern === undefined) return null;
  return patternFaults[matchPattern(pattern, value)];
}

const patternFaults: Readonly<Record<PatternResult, string | null>> = {
  matches: null,
  differs: 'does not match its pattern',
  too_slow: 'its pattern takes too long',
  not_a_pattern: 'its pattern is no regular expression',
};
