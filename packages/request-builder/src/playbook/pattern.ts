import vm from 'node:vm';

/** Far above what an honest pattern takes for 10,000 characters. */
const TIMEOUT_MS = 50;

const script = new vm.Script('new RegExp(`^(?:${pattern})$`, "u").test(value)');
let context: vm.Context | undefined;

/** How a value fares with a pattern; `too_slow` where the pattern backtracks without end. */
export type PatternResult = 'matches' | 'differs' | 'too_slow' | 'not_a_pattern';

/**
 * Matches a whole text against a regular expression that somebody else wrote.
 *
 * It runs with a time limit: a server's pattern could otherwise stop this process. The context has neither the value of a name nor a function of ours.
 */
export function matchPattern(pattern: string, value: string): PatternResult {
  context ??= vm.createContext(Object.create(null));
  context['pattern'] = pattern;
  context['value'] = value;
  try {
    return script.runInContext(context, { timeout: TIMEOUT_MS }) === true ? 'matches' : 'differs';
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
    return code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? 'too_slow' : 'not_a_pattern';
  }
}
