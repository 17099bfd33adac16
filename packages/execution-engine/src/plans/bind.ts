import type { Json } from '../json.ts';
import type { PlanStep } from './plan.ts';
import { literalText, replaceRefs } from './refs.ts';

/** Gives the value of a ref. */
export type RefLookup = (ref: string) => Json;

/**
 * The request of a step, with every ref bound. What comes out is data for the request's schema to check: a bound value
 * is one literal, and no ref in it is looked at.
 *
 * @throws whatever `lookup` throws; ExecutionError `REF_UNRESOLVED` for a null where text is needed
 */
export function requestOf(step: PlanStep, lookup: RefLookup): unknown {
  const { id: _id, depends_on: _dependsOn, when: _when, ...rest } = step;
  const { allow_failure: _allowFailure, outputs: _outputs, ...request } = rest;
  const text = (ref: string) => literalText(lookup(ref), ref);
  const { command, env, stdin } = request;
  const bound = {
    ...command,
    ...('args' in command && { args: replaceRefs(command.args, text) }),
    // Parameters of the AWS CLI are JSON, and may take any value.
    ...('parameters' in command && { parameters: replaceRefs(command.parameters, lookup) }),
  };
  return {
    ...request,
    command: bound,
    env: replaceRefs(env, text),
    stdin: replaceRefs(stdin, text),
  };
}
