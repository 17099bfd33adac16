import vm from 'node:vm';

/**
 * An honest pattern takes microseconds. The clock on the wall runs on while a busy machine does something else, so a pattern is given a second, longer try before it is
 * called slow.
 */
const TIMEOUTS_MS = [50, 500];

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
  for (const timeout of TIMEOUTS_MS) {
    try {
      return script.runInContext(context, { timeout }) === true ? 'matches' : 'differs';
    } catch (error) {
      const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
      if (code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'not_a_pattern';
    }
  }
  return 'too_slow';
}

/** Whether a text can be read as a regular expression; it is not run. */
export function isPattern(pattern: string): boolean {
  try {
    return new RegExp(`^(?:${pattern})$`, 'u').unicode;
  } catch {
    return false;
  }
}
