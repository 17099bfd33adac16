import { RequestError } from './errors.ts';
import type { Inputs } from './playbook/inputs.ts';
import type { Preview } from './preview/preview.ts';
import type { Clarification } from './protocol/clarification.ts';
import type { Playbook } from './protocol/playbook.ts';
import type { Approver } from './policy/approvers.ts';
import type { RunOptions } from './run/admit.ts';
import type { RunOutcome } from './run/outcome.ts';
import type { Reply } from './server/transport.ts';

/** What came of a question. */
export type AskResult =
  | { kind: 'clarification'; clarification: Clarification }
  | {
      kind: 'outcome';
      /** Of the playbook that ran last. */
      preview: Preview;
      /** Why a repair that was wanted did not run is in its `warnings`. */
      outcome: RunOutcome;
      /** What the server asked back when it was to repair the run, else null. */
      clarification: Clarification | null;
    };

/** What may become of a reply. */
export interface FollowThroughOptions {
  inputs: Inputs;
  approve: Approver | null;
  /** How often a run that fails goes back to the server. */
  repairs: number;
  signal?: AbortSignal;
}

/** The part of a `RequestBuilder` that acts on replies. */
export interface Actor {
  preview(playbook: Playbook, options: { inputs?: Inputs }): Promise<Preview>;
  run(preview: Preview, options: RunOptions): Promise<RunOutcome>;
  repair(outcome: RunOutcome, options: { signal?: AbortSignal }): Promise<Reply>;
}

/**
 * Previews and runs what a server answered, and has it repaired while it fails.
 *
 * @throws RequestError as `preview` and `run` for the first playbook. After that there is an outcome: what keeps a repair from running is one of its warnings
 */
export async function followThrough(
  actor: Actor,
  reply: Reply,
  { inputs, approve, repairs, signal }: FollowThroughOptions,
): Promise<AskResult> {
  if (reply.kind === 'clarification') return reply;
  const abort = signal ? { signal } : {};
  let preview = await actor.preview(reply.playbook, { inputs });
  let outcome = await actor.run(preview, { approve, ...abort });
  for (let left = repairs; left > 0 && outcome.status === 'failed'; left -= 1) {
    try {
      const mended = await actor.repair(outcome, abort);
      if (mended.kind === 'clarification') {
        return { kind: 'outcome', preview, outcome, clarification: mended.clarification };
      }
      const next = await actor.preview(mended.playbook, {
        inputs: knownTo(mended.playbook, inputs),
      });
      outcome = await actor.run(next, { approve, ...abort });
      preview = next;
    } catch (error) {
      if (!RequestError.is(error)) throw error;
      outcome.warnings.push({ code: error.code, message: error.message });
      break;
    }
  }
  return { kind: 'outcome', preview, outcome, clarification: null };
}

/** A repair need not have the parameters of what it repairs. */
function knownTo({ parameters }: Playbook, inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).filter(([name]) => Object.hasOwn(parameters ?? {}, name)),
  );
}
