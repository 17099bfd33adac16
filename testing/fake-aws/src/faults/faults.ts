import type { AwsCall } from '../proxy/call.ts';
import type { ServiceError } from '../proxy/wire-errors.ts';
import { type Random, seededRandom } from '../seed/random.ts';
import { faultError } from './fault-errors.ts';
import { type FaultRule, type FaultScope, checkRule } from './rule.ts';

/** A fault that has been added. */
export interface FaultHandle {
  /** How many calls it has struck so far. */
  readonly hits: number;
  /** Takes it away; calls that it has struck stay struck. */
  remove(): void;
}

/** The faults of a running fake. */
export interface Faults {
  /**
   * Adds a fault. Faults are tried in the order of their adding; the first that strikes decides, latencies add up.
   *
   * @throws FakeAwsError `INVALID_OPTION`
   */
  add(rule: FaultRule): FaultHandle;
  /** Takes all of them away. */
  clear(): void;
}

/** What happens to one call. */
export interface FaultDecision {
  delayMs: number;
  effect:
    | null
    | { kind: 'error'; error: ServiceError }
    | { kind: 'reset'; when: 'before' | 'after' }
    | { kind: 'truncate'; keepShare: number }
    | { kind: 'html'; status: number; form: 'html' | 'xhtml' | 'json' };
}

/** The proxy's side of the faults. */
export interface FaultDecider {
  decide(call: AwsCall): FaultDecision;
}

interface ActiveFault {
  rule: FaultRule;
  random: Random;
  matched: number;
  hits: number;
}

/** No faults at first. With the same seed, faults and order of calls the same calls are struck. */
export function faultRegistry(seed: number): Faults & FaultDecider {
  const active = new Set<ActiveFault>();
  let added = 0;
  return {
    add(rule) {
      checkRule(rule);
      added += 1;
      const fault = { rule, random: seededRandom(seed + added), matched: 0, hits: 0 };
      active.add(fault);
      return {
        get hits() {
          return fault.hits;
        },
        remove: () => void active.delete(fault),
      };
    },
    clear: () => active.clear(),
    decide(call) {
      let delayMs = 0;
      for (const fault of active) {
        if (!strikes(fault, call)) continue;
        if (fault.rule.kind === 'latency') delayMs += fault.rule.latencyMs;
        else return { delayMs, effect: effectOf(fault.rule, call) };
      }
      return { delayMs, effect: null };
    },
  };
}

function strikes(fault: ActiveFault, call: AwsCall): boolean {
  const { share = 1, after = 0, times = Infinity } = fault.rule;
  if (!covers(fault.rule, call)) return false;
  fault.matched += 1;
  if (fault.matched <= after || fault.hits >= times || !fault.random.chance(share)) return false;
  fault.hits += 1;
  return true;
}

function covers(
  { service, operation, region, parameters = {} }: FaultScope,
  call: AwsCall,
): boolean {
  return (
    (service === undefined || service === call.service) &&
    (operation === undefined || operation === call.operation) &&
    (region === undefined || region === call.region) &&
    Object.entries(parameters).every(([name, value]) => call.parameters.get(name) === value)
  );
}

function effectOf(
  rule: Exclude<FaultRule, { kind: 'latency' }>,
  call: AwsCall,
): FaultDecision['effect'] {
  switch (rule.kind) {
    case 'reset':
      return { kind: 'reset', when: rule.when ?? 'before' };
    case 'truncate':
      return { kind: 'truncate', keepShare: rule.keepShare ?? 0.5 };
    case 'html':
      return { kind: 'html', status: rule.status ?? 200, form: rule.form ?? 'html' };
    case 'region_disabled':
      return { kind: 'error', error: faultError(rule.kind, call) };
    default: {
      const error = faultError(rule.kind, call);
      return { kind: 'error', error: { ...error, message: rule.message ?? error.message } };
    }
  }
}
