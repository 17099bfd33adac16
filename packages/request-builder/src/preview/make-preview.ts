import { sanitize } from '../context/sanitize.ts';
import { KnownNames } from '../playbook/grounding.ts';
import { resolveInputs, type Inputs } from '../playbook/inputs.ts';
import { checkSignature, type TrustedKeys } from '../playbook/signature.ts';
import { findPlanFaults } from '../playbook/plan-faults.ts';
import { findWorkFaults } from '../playbook/target.ts';
import { bindInputs } from '../playbook/compile.ts';
import { validatePlaybook } from '../playbook/validate.ts';
import { findRestricted } from '../playbook/restrictions.ts';
import { RequestError, type Finding } from '../errors.ts';
import { explainRules, type RuleExplanation } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import { documentDigest, playbookDigest } from '../protocol/digest.ts';
import type { Playbook } from '../protocol/playbook.ts';
import type { PlaybookRequest } from '../protocol/request.ts';
import type { PlaybookRollback, PlaybookStep } from '../protocol/step.ts';
import { checkCompleted, noneCompleted, type CompletedSteps } from '../repair/completed.ts';
import { higherRisk } from '../risk/classes.ts';
import type { ClassifierOptions } from '../risk/classify.ts';
import { previewWork, type PreviewContext } from './preview-step.ts';
import type { Preview, StepPreview } from './preview.ts';

/** What decides about steps. */
export interface Judgement {
  readonly policy: Policy;
  readonly classifier: ClassifierOptions;
  /** Null: playbooks need no signature. */
  readonly trustedKeys: TrustedKeys | null;
}

/**
 * Works out everything that is to be known about a playbook before it runs. Starts nothing.
 *
 * @param completed of a repair: steps that an earlier run has completed
 * @throws RequestError `PLAN_INVALID`, `REPAIR_REFUSED`, `CONTEXT_MISMATCH`, `TARGET_MISMATCH`, `PLAYBOOK_EXPIRED`, `SIGNATURE_INVALID`, `PARAMETER_INVALID`
 */
export async function makePreview(
  document: unknown,
  request: PlaybookRequest,
  given: Inputs,
  judgement: Judgement,
  now: Date,
  completed: CompletedSteps = noneCompleted,
): Promise<Preview> {
  const context = makeContext(document, request, given, judgement, now);
  checkCompleted(context.playbook, request, completed);
  const { playbook, inputs } = context;
  const works = await Promise.all(
    playbook.steps.map((step) => previewWork(step.id, step, context)),
  );
  const steps = works.map(({ preview }) =>
    completed.has(preview.id) ? notAgain(preview) : preview,
  );
  const open = steps.filter((step) => !step.completed);
  const rollbacks: Record<string, StepPreview> = {};
  for (const [name, rollback] of Object.entries(playbook.rollbacks ?? {})) {
    rollbacks[name] = (await previewWork(name, rollback, context)).preview;
  }
  return {
    playbook,
    request,
    inputs,
    summary: sanitize(playbook.summary).text,
    playbook_digest: playbookDigest(playbook),
    inputs_digest: documentDigest(inputs),
    account_id: request.target.account_id,
    expires_at: playbook.expires_at,
    risk: open.map(({ risk }) => risk).reduce(higherRisk, 'read_only'),
    decision: strictest(open),
    steps,
    rollbacks,
  };
}

function notAgain(step: StepPreview): StepPreview {
  const reasons = ['it was completed by the run that is repaired, and does not run again'];
  return { ...step, completed: true, decision: { effect: 'allow', rules: [], reasons } };
}

/** Why a step has its class and its decision: what `explain` gives. */
export interface Explanation {
  step: StepPreview;
  /** Every rule of the policy, in its order. */
  rules: RuleExplanation[];
}

/**
 * Explains one step of a preview, worked out again.
 *
 * @throws RequestError `INVALID_INPUT` where there is no such step; as `makePreview`
 */
export async function explainStep(
  { playbook, request, inputs }: Preview,
  stepId: string,
  judgement: Judgement,
  now: Date,
): Promise<Explanation> {
  const context = makeContext(playbook, request, inputs, judgement, now);
  const step = context.playbook.steps.find(({ id }) => id === stepId);
  if (step === undefined) {
    throw new RequestError('INVALID_INPUT', `the playbook has no step ${stepId}`);
  }
  const { preview, subject } = await previewWork(stepId, step, context);
  return { step: preview, rules: explainRules(judgement.policy, subject) };
}

function makeContext(
  document: unknown,
  request: PlaybookRequest,
  given: Inputs,
  { policy, classifier, trustedKeys }: Judgement,
  now: Date,
): PreviewContext {
  const playbook = validatePlaybook(document, request, now);
  checkSignature(playbook, trustedKeys);
  const inputs = resolveInputs(playbook, given);
  checkBound(playbook, request, inputs);
  return {
    playbook,
    request,
    inputs,
    shownInputs: maskSensitive(playbook, inputs),
    known: new KnownNames(request, namedByUser(playbook, inputs)),
    policy,
    classifier,
    now,
  };
}

/** What the user typed in is named by the user; a server's default is not. */
function namedByUser({ parameters }: Playbook, inputs: Inputs): string[] {
  return Object.entries(inputs).flatMap(([name, value]) =>
    typeof value === 'string' && value !== parameters?.[name]?.default ? [value] : [],
  );
}

/** Once more with the inputs in place: a value may be an option, an ARN of another account, or a file. */
function checkBound(playbook: Playbook, request: PlaybookRequest, inputs: Inputs): void {
  if (Object.keys(inputs).length === 0) return;
  const foreign: Finding[] = [];
  const restricted: Finding[] = [];
  const bind = <Work extends PlaybookStep | PlaybookRollback>(work: Work, at: string[]): Work => {
    const { command, env, stdin } = work;
    const bound = bindInputs({ command, env, stdin }, inputs, true);
    foreign.push(...findWorkFaults(bound, at, request.target));
    restricted.push(...findRestricted(bound.command, [...at, 'command']));
    return { ...work, ...bound };
  };
  const steps = playbook.steps.map((step, index) => bind(step, ['steps', String(index)]));
  const rollbacks = Object.fromEntries(
    Object.entries(playbook.rollbacks ?? {}).map(([name, rollback]) => [
      name,
      bind(rollback, ['rollbacks', name]),
    ]),
  );
  restricted.push(...findPlanFaults({ ...playbook, steps, rollbacks }));
  const refuse = (code: 'TARGET_MISMATCH' | 'PARAMETER_INVALID', findings: Finding[]) => {
    if (findings.length === 0) return;
    const errors = findings.map(({ pointer, message }) => ({ pointer, message }));
    const list = errors.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
    throw new RequestError(code, `with these inputs: ${list}`, { details: { errors } });
  };
  refuse('TARGET_MISMATCH', foreign);
  refuse('PARAMETER_INVALID', restricted);
}

function maskSensitive(playbook: Playbook, inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      playbook.parameters?.[name]?.sensitive === true ? '‹sensitive›' : value,
    ]),
  );
}

function strictest(steps: readonly StepPreview[]): Preview['decision'] {
  const effects = new Set(steps.map(({ decision }) => decision.effect));
  if (effects.has('deny')) return 'deny';
  return effects.has('require_approval') ? 'require_approval' : 'allow';
}
