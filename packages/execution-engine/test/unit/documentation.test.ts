import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExecutionEngine } from '../../src/engine.ts';
import { CALL_ERROR_CODES, FAILURE_CODES } from '../../src/errors.ts';
import { EngineOptionsSchema } from '../../src/options.ts';
import { VARIABLES } from '../../src/options-from-env.ts';
import { runFields } from '../../src/request.ts';
import { ExecutionResult } from '../../src/result.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const page = (name: string) => readFileSync(join(root, 'docs/execution-engine', name), 'utf8');
const readme = readFileSync(join(root, 'packages/execution-engine/README.md'), 'utf8');

/** What stands in backticks. */
const terms = (text: string) =>
  new Set(text.match(/`[^`\n]+`/gu)?.map((term) => term.slice(1, -1)));

function missing(names: readonly string[], text: string): string[] {
  const known = terms(text);
  return names.filter((name) => ![...known].some((term) => term.split(/\W+/u).includes(name)));
}

describe('the documentation', () => {
  it('explains every error code, and none that does not exist', () => {
    const codes: readonly string[] = [...CALL_ERROR_CODES, ...FAILURE_CODES];
    expect(missing(codes, page('error-handling.md'))).toEqual([]);
    expect(missing(codes, readme)).toEqual([]);
    const others = new Set(['CLOUDOPS_ENGINE_', 'SIGTERM', 'SIGKILL']);
    const written = [...terms(page('error-handling.md'))].filter((term) =>
      /^[A-Z]+(?:_[A-Z]+)*$/u.test(term),
    );
    expect(written.filter((term) => !codes.includes(term) && !others.has(term))).toEqual([]);
  });

  it('names every option and every variable, and no variable that is not read', () => {
    const text = page('configuration.md');
    expect(missing(Object.keys(EngineOptionsSchema.shape), text)).toEqual([]);
    const variables = Object.keys(VARIABLES).map((name) => `CLOUDOPS_ENGINE_${name}`);
    expect(missing(variables, text)).toEqual([]);
    const written = text.match(/CLOUDOPS_ENGINE_[A-Z_]*[A-Z]/gu) ?? [];
    expect(written.filter((name) => !variables.includes(name))).toEqual([]);
  });

  it('names every method, and every field of a request and a result', () => {
    const methods = Object.getOwnPropertyNames(ExecutionEngine.prototype);
    expect(
      missing(
        methods.filter((name) => name !== 'constructor'),
        page('api.md'),
      ),
    ).toEqual([]);
    expect(missing(Object.keys(runFields), page('types.md'))).toEqual([]);
    expect(missing(Object.keys(ExecutionResult.shape), page('types.md'))).toEqual([]);
  });
});
