import { randomUUID } from 'node:crypto';
import {
  contextDigest,
  type Clarification,
  type Playbook,
  type Planner,
  type PlaybookRequest,
} from 'cloudops-request-builder/protocol';
import { candidatesOf } from './candidate.ts';
import { doubtAbout, doubtAboutSelection, type Doubt } from './clarify.ts';
import { parseSentence } from './sentence-reader.ts';
import { select } from './selection.ts';
import { graphOf } from './steps.ts';
import { summaryOf } from './wording.ts';

/** How a {@link RulePlanner} is set up. */
export interface RulePlannerOptions {
  /** How long a playbook may be started, in milliseconds. Default: 15 minutes. */
  expiresInMs?: number;
  /** The clock. Default: the real one. */
  now?: () => Date;
  /** Where playbook ids come from. Default: random UUIDs. */
  newId?: () => string;
}

const RISKS = ['read_only', 'sensitive_read', 'mutating', 'destructive'] as const;

/**
 * Plans by rules: reads the sentence, picks what it means from the resources in the request, and makes a graph of
 * AWS CLI steps. What it is not sure of it asks: a condition is never dropped, since that would do more than was said.
 */
export class RulePlanner implements Planner {
  readonly #expiresInMs: number;
  readonly #now: () => Date;
  readonly #newId: () => string;

  constructor(options: RulePlannerOptions = {}) {
    this.#expiresInMs = options.expiresInMs ?? 15 * 60 * 1000;
    this.#now = options.now ?? (() => new Date());
    this.#newId = options.newId ?? randomUUID;
  }

  /**
   * A playbook, or a question back.
   *
   * @throws the signal's reason where it is aborted
   */
  async plan(
    request: PlaybookRequest,
    { signal }: { signal: AbortSignal },
  ): Promise<Playbook | Clarification> {
    signal.throwIfAborted();
    const ask = ({ text, questions }: Doubt): Clarification => ({
      schema: 'clarification/v1',
      request_id: request.request_id,
      text,
      ...(questions === undefined ? {} : { questions }),
    });
    if (request.repair != null) {
      return ask({
        text: `Step ${request.repair.failed_step} failed. I plan by rules and cannot mend it: look at its output, then say what to do.`,
      });
    }
    const sentence = parseSentence(request.message.text);
    const doubt = doubtAbout(sentence);
    if (doubt !== null || sentence.verb === null) {
      return ask(doubt ?? { text: 'I did not find what to do.' });
    }
    const candidates = candidatesOf(request);
    const selection = select(sentence, sentence.verb, candidates, request.target);
    const open = doubtAboutSelection(sentence.verb, selection, candidates);
    if (open !== null) return ask(open);
    const { steps, rollbacks } = graphOf(selection.chosen, sentence.assignments);
    const refused = beyondConstraints(steps, request.constraints);
    if (refused !== null) return ask(refused);
    return {
      schema: 'playbook/v1',
      playbook_id: this.#newId(),
      request_id: request.request_id,
      context_digest: contextDigest(request),
      target: request.target,
      summary: summaryOf(sentence.verb, selection, sentence, request.metadata),
      expires_at: new Date(this.#now().getTime() + this.#expiresInMs).toISOString(),
      strategy: request.constraints.strategies.includes('dependency_graph')
        ? { type: 'dependency_graph', max_concurrency: 4, on_failure: 'continue' }
        : { type: 'serial', stop_on_error: true },
      steps,
      ...(Object.keys(rollbacks).length === 0 ? {} : { rollbacks }),
    };
  }
}

/** What the client would refuse is said before it has to. */
function beyondConstraints(
  steps: Playbook['steps'],
  constraints: PlaybookRequest['constraints'],
): Doubt | null {
  if (!constraints.step_types.includes('aws_cli')) {
    return { text: 'I plan with AWS CLI steps only, and the request does not allow them.' };
  }
  const { strategies } = constraints;
  if (!strategies.includes('dependency_graph') && !strategies.includes('serial')) {
    return { text: 'I plan serially or as a graph, and the request allows neither.' };
  }
  if (steps.length > constraints.max_steps) {
    return {
      text: `That would take ${steps.length} steps, and the request allows ${constraints.max_steps}. Narrow it to a region or a few names.`,
    };
  }
  const allowed = RISKS.indexOf(constraints.max_risk);
  const worst = Math.max(...steps.map((step) => RISKS.indexOf(step.declared_risk ?? 'read_only')));
  return worst > allowed
    ? {
        text: `That is ${RISKS[worst] ?? 'too much'}, and the request allows no more than ${constraints.max_risk}.`,
      }
    : null;
}
