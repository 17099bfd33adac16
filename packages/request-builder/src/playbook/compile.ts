import { refTarget, replaceRefs, type Plan, type PlanStep } from 'cloudops-execution-engine';
import type { Json } from '../protocol/json.ts';
import type { Playbook } from '../protocol/playbook.ts';
import type { PlaybookRollback, PlaybookStep } from '../protocol/step.ts';
import type { Inputs } from './inputs.ts';
import { refTargetOf } from './values.ts';

/** What the host adds to every step. */
export interface RunEnvironment {
  /** All that a step sees besides its own env: steps do not inherit the host's. */
  env: Readonly<Record<string, string>>;
  /** Null: the host's own working directory. */
  workingDir: string | null;
  /** For steps that name none, milliseconds. */
  defaultTimeoutMs: number;
}

type WorkItem = PlaybookStep | (PlaybookRollback & { id: string });

/** The engine's plan for a playbook: same steps, same order, parameters given once. */
export function compilePlan(playbook: Playbook, inputs: Inputs, environment: RunEnvironment): Plan {
  return {
    name: playbook.playbook_id,
    parameters: inputs,
    strategy: playbook.strategy,
    steps: playbook.steps.map((step) => compileStep(step, playbook, environment)),
  };
}

function compileStep(
  step: PlaybookStep,
  playbook: Playbook,
  environment: RunEnvironment,
): PlanStep {
  return {
    id: step.id,
    ...compileWork(step, playbook, environment),
    depends_on: step.depends_on,
    when: step.when,
    allow_failure: step.allow_failure,
    outputs: step.outputs,
  };
}

/** What a step and a rollback have in common. */
export function compileWork(
  work: WorkItem,
  playbook: Playbook,
  { env, workingDir, defaultTimeoutMs }: RunEnvironment,
): Omit<PlanStep, 'id'> {
  return {
    command: work.command,
    // The CLI gets its environment from the engine's own configuration.
    env: work.command.type === 'aws_cli' ? {} : { ...env, ...work.env },
    inherit_env: false,
    secrets: sensitiveVariables(work, playbook),
    stdin: work.stdin,
    working_dir: workingDir,
    timeout_ms: work.timeout_ms ?? defaultTimeoutMs,
    idle_timeout_ms: work.idle_timeout_ms,
    retry: work.retry,
    metadata: { playbook_id: playbook.playbook_id, step_id: work.id },
  };
}

function sensitiveVariables(work: WorkItem, playbook: Playbook): string[] {
  return Object.entries(work.env ?? {})
    .filter(([, value]) => {
      const target = refTargetOf(value);
      return target?.kind === 'parameter' && playbook.parameters?.[target.name]?.sensitive === true;
    })
    .map(([name]) => name);
}

/** A step's command, env and stdin with the parameters in them; references to outputs stay, since nobody knows them yet. */
export function bindInputs<T>(value: T, inputs: Inputs, asText: boolean): T;
export function bindInputs(value: unknown, inputs: Inputs, asText: boolean): unknown {
  if (Object.keys(inputs).length === 0) return value;
  return replaceRefs(value, (ref): Json => {
    const target = refTarget(ref);
    if (target?.kind !== 'parameter') return { $ref: ref };
    const input = inputs[target.name] ?? '';
    return asText ? String(input) : input;
  });
}

/** A step's command with the parameters in it, as the engine binds them: arguments become text, parameters of an AWS call stay what they are. */
export function bindCommand(
  { command }: Pick<PlaybookStep, 'command'>,
  inputs: Inputs,
): PlaybookStep['command'] {
  const withArgs =
    'args' in command ? { ...command, args: bindInputs(command.args, inputs, true) } : command;
  return bindInputs(withArgs, inputs, false);
}
