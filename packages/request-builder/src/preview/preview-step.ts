import { reveal, sanitize } from '../context/sanitize.ts';
import type { PolicySubject } from '../policy/conditions.ts';
import { decide, type Decision } from '../policy/decide.ts';
import type { Policy } from '../policy/policy.ts';
import { showCommand } from '../playbook/argv.ts';
import { bindCommand, bindInputs } from '../playbook/compile.ts';
import { groundWork, type KnownNames } from '../playbook/grounding.ts';
import type { Inputs } from '../playbook/inputs.ts';
import type { TextValue } from '../protocol/command.ts';
import type { Playbook } from '../protocol/playbook.ts';
import type { ContextResource, PlaybookRequest } from '../protocol/request.ts';
import type { PlaybookRollback, PlaybookStep } from '../protocol/step.ts';
import { compareRisk, higherRisk } from '../risk/classes.ts';
import { classify, type ClassifierOptions } from '../risk/classify.ts';
import type { ResourcePreview, StepPreview } from './preview.ts';

/** What all steps of one preview share. */
export interface PreviewContext {
  playbook: Playbook;
  request: PlaybookRequest;
  inputs: Inputs;
  /** The inputs with `‹sensitive›` in place of sensitive values. */
  shownInputs: Inputs;
  known: KnownNames;
  policy: Policy;
  classifier: ClassifierOptions;
  now: Date;
}

/** Works out one step or rollback: what it is, how dangerous, about what, and what the policy says to which subject. */
export async function previewWork(
  id: string,
  work: PlaybookStep | PlaybookRollback,
  context: PreviewContext,
): Promise<{ preview: StepPreview; subject: PolicySubject }> {
  const { request, inputs, shownInputs } = context;
  const command = bindCommand(work, inputs);
  const classification = await classify(command, context.classifier);
  const declared = work.declared_risk ?? 'read_only';
  const risk = higherRisk(classification.risk, declared);
  const reasons = [...classification.reasons];
  if (risk !== classification.risk) reasons.push(`the server declares it ${declared}`);
  const env = bindInputs(work.env ?? {}, inputs, true);
  const stdin = bindInputs(work.stdin ?? null, inputs, true);
  const grounding = groundWork({ command, env, stdin }, context.known);
  // What the command itself names counts, whether or not the server says so: rules look at tags.
  const resources = request.resources.filter(
    ({ ref }) => work.resources?.includes(ref) || grounding.refs.includes(ref),
  );
  const region = command.type === 'aws_cli' ? (command.region ?? null) : null;
  const subject: PolicySubject = {
    risk,
    command,
    actions: classification.actions,
    grounding: grounding.status,
    account_id: request.target.account_id,
    region,
    resources: resources.map(({ type, fields }) => ({ type, tags: tagsOf(fields) })),
    reachesFurther: grounding.reachesFurther,
    now: context.now,
  };
  const shown = showCommand(bindCommand(work, shownInputs));
  const preview: StepPreview = {
    id,
    title: sanitize(work.title).text,
    argv: shown.argv.map(reveal),
    script: command.type === 'script' && command.content ? reveal(command.content) : null,
    env: shownTexts(bindInputs(work.env ?? {}, shownInputs, true)),
    stdin: shownText(bindInputs(work.stdin ?? null, shownInputs, true)),
    unresolved: shown.unresolved,
    region,
    risk,
    reasons,
    actions: classification.actions,
    has_sensitive_output: classification.has_sensitive_output,
    grounding: { status: grounding.status, reasons: grounding.reasons },
    decision: withinConstraints(decide(context.policy, subject), risk, request),
    resources: resources.map((resource) => previewResource(resource, classification.actions)),
    depends_on: 'depends_on' in work ? (work.depends_on ?? []) : [],
    completed: false,
    rollback: 'rollback' in work ? (work.rollback ?? null) : null,
  };
  return { preview, subject };
}

function withinConstraints(
  decision: Decision,
  risk: StepPreview['risk'],
  { constraints }: PlaybookRequest,
): Decision {
  if (compareRisk(risk, constraints.max_risk) <= 0) return decision;
  return {
    effect: 'deny',
    rules: decision.rules,
    reasons: [`it is ${risk}, and the request allows ${constraints.max_risk} at most`],
  };
}

function previewResource(
  { ref, arn, type, fields, permissions }: ContextResource,
  actions: readonly string[],
): ResourcePreview {
  const stateOf = (action: string): ResourcePreview['permissions'][string] => {
    if (!permissions) return 'unknown';
    if (permissions.allowed.includes(action)) return 'allowed';
    if (permissions.denied.includes(action)) return 'denied';
    return permissions.conditional?.includes(action) ? 'conditional' : 'unknown';
  };
  const { name } = fields;
  return {
    ref,
    arn: arn ?? null,
    type,
    name: typeof name === 'string' ? name : null,
    permissions: Object.fromEntries(actions.map((action) => [action, stateOf(action)])),
  };
}

function tagsOf(fields: ContextResource['fields']): Record<string, string> {
  const { tags } = fields;
  if (typeof tags !== 'object' || tags === null) return {};
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, value]] : [],
    ),
  );
}

function shownTexts(values: Record<string, TextValue>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, shownText(value) ?? '']),
  );
}

function shownText(value: TextValue | null): string | null {
  if (value === null) return null;
  return typeof value === 'string' ? reveal(value) : `‹${value.$ref}›`;
}
