import { buildRequest } from './context/build-request.ts';
import { cleanOutgoing } from './context/outgoing.ts';
import { RequestError } from './errors.ts';
import { resolveOptions, type BuilderSettings, type RequestBuilderOptions } from './options.ts';
import type { Inputs } from './playbook/inputs.ts';
import { approvePreview, type ApprovalGrant } from './policy/approve.ts';
import type { Approval } from './policy/approval.ts';
import { explainStep, makePreview, type Explanation } from './preview/make-preview.ts';
import type { Preview } from './preview/preview.ts';
import type { Clarification } from './protocol/clarification.ts';
import { contextDigest } from './protocol/digest.ts';
import type { Playbook } from './protocol/playbook.ts';
import type { PlaybookRequest } from './protocol/request.ts';
import { parseRequest } from './request-input.ts';
import type { RunOutcome } from './run/outcome.ts';
import { dryRun, type DryRunReport } from './run/dry-run.ts';
import { messagesOfReply } from './run/record.ts';
import type { Approver, RunOptions } from './run/admit.ts';
import { runPreview } from './run/run-preview.ts';
import { abortedError } from './server/abort.ts';
import { exchange } from './server/exchange.ts';
import type { Reply } from './server/transport.ts';
import { storageErrors } from './storage-errors.ts';
import { CallerTarget } from './caller-target.ts';

export interface BuildInput {
  /** What the user wants, in the user's words. */
  message: string;
  conversation_id: string;
  signal?: AbortSignal;
}

export interface AskInput extends BuildInput {
  /** Values for the playbook's parameters. */
  inputs?: Inputs;
  /** Asked where the policy wants an approval. Default: nobody, and what needs one does not run. */
  approve?: Approver | null;
}

/** What came of a question. */
export type AskResult =
  | { kind: 'clarification'; clarification: Clarification }
  | { kind: 'outcome'; preview: Preview; outcome: RunOutcome };

/** Requests whose answers may still be previewed by playbook alone. */
const REMEMBERED_REQUESTS = 100;

/** Context in, playbook out, outcome stored: the way from a user's words to commands that have run. */
export class RequestBuilder {
  readonly #settings: BuilderSettings;
  readonly #sent = new Map<string, PlaybookRequest>();
  readonly #callerTarget: CallerTarget;

  /** @throws RequestError `INVALID_OPTIONS`, `POLICY_INVALID` */
  constructor(options: RequestBuilderOptions) {
    this.#settings = resolveOptions(options);
    this.#callerTarget = new CallerTarget(this.#settings.engine, this.#settings.storage);
  }

  /**
   * Makes a request of a message: the resources and the part of the conversation that fit it, within the token budget, without secrets.
   *
   * @throws RequestError `INVALID_INPUT`, `OVER_BUDGET`, `IDENTITY_UNKNOWN`, `STORAGE_FAILED`, `ABORTED`
   */
  async build({ message, conversation_id, signal }: BuildInput): Promise<PlaybookRequest> {
    if (typeof message !== 'string' || message.trim() === '') {
      throw new RequestError('INVALID_INPUT', 'message: expected a text');
    }
    const stop = signal ?? new AbortController().signal;
    const target = this.#settings.target ?? (await this.#callerTarget.get(stop));
    const request = await storageErrors(stop, () =>
      buildRequest(this.#settings.storage, this.#settings.context, {
        message,
        conversationId: conversation_id,
        target,
        signal: stop,
      }),
    );
    return parseRequest(request);
  }

  /**
   * Sends a request and checks the answer completely; question and answer become messages of the conversation.
   *
   * What was put into the request after it was built is cleaned of secrets as well. The idempotency key is in the journal before the first byte is sent, and the same whenever the same request is sent again.
   *
   * @throws RequestError `INVALID_INPUT`, `JOURNAL_FAILED`, `AUDIT_FAILED`, `STORAGE_FAILED`, as the transport, as `preview`
   */
  async send(input: PlaybookRequest, options: { signal?: AbortSignal } = {}): Promise<Reply> {
    const request = cleanOutgoing(parseRequest(input), this.#settings.context.redactions);
    const signal = options.signal ?? new AbortController().signal;
    const { journal, storage } = this.#settings;
    const { request_id: requestId } = request;
    const idempotencyKey = await journal.keyFor({ digest: contextDigest(request), requestId });
    if (signal.aborted) throw abortedError(signal);
    const reply = await exchange(this.#settings, request, { idempotencyKey, signal });
    this.#remember(request);
    await storageErrors(signal, () => storage.chat.appendMany(messagesOfReply(request, reply)));
    return reply;
  }

  /**
   * Shows what a playbook would do: argv, risk class and reasons, grounding, permissions and the policy's decision for each step. Starts nothing.
   *
   * @param options.request the request that it answers; not needed for what this builder has sent
   * @throws RequestError `INVALID_INPUT` (no such request), `PLAN_INVALID`, `CONTEXT_MISMATCH`, `TARGET_MISMATCH`, `PLAYBOOK_EXPIRED`, `PARAMETER_INVALID`
   */
  async preview(
    playbook: Playbook,
    options: { request?: PlaybookRequest; inputs?: Inputs } = {},
  ): Promise<Preview> {
    const request = options.request ?? this.#sent.get(playbook.request_id);
    if (request === undefined) {
      throw new RequestError(
        'INVALID_INPUT',
        'this builder did not send the request of that playbook: give it as options.request',
      );
    }
    const { judgement } = this.#settings;
    return await makePreview(
      playbook,
      parseRequest(request),
      options.inputs ?? {},
      judgement,
      new Date(),
    );
  }

  /**
   * Explains one step: how its class came about, and how every rule of the policy looks at it.
   *
   * @throws RequestError `INVALID_INPUT` where there is no such step; as `preview`
   */
  async explain(preview: Preview, stepId: string): Promise<Explanation> {
    return await explainStep(preview, stepId, this.#settings.judgement, new Date());
  }

  /**
   * Asks AWS what the steps would do, with `--dry-run` where their operations have that (EC2, some of KMS). Changes nothing and needs no approval.
   *
   * @throws RequestError as `preview`; `TARGET_MISMATCH`, `IDENTITY_UNKNOWN`, `ABORTED`
   */
  async dryRun(
    { playbook, request, inputs }: Preview,
    options: { signal?: AbortSignal } = {},
  ): Promise<DryRunReport> {
    // Worked out again: what a host hands back is not what counts.
    const preview = await this.preview(playbook, { request, inputs });
    return await dryRun(this.#settings, preview, options.signal ?? new AbortController().signal);
  }

  /**
   * Consents to one run of what a preview shows. Whoever can call this can approve: it belongs behind a question to a person.
   *
   * @param options.by who approves, in the host's own terms
   * @param options.steps default: all
   * @param options.rollbacks names of rollbacks that may run where the run fails; default: none
   * @param options.expiresInMs default 900,000; never beyond the playbook's own expiry
   * @throws RequestError `INVALID_INPUT` for a step or rollback that the preview does not have
   */
  approve(preview: Preview, options: ApprovalGrant): Approval {
    return approvePreview(this.#settings.approvalKey, preview, options, new Date());
  }

  /**
   * Runs a playbook that was previewed: checks everything again, asks AWS who the caller is, runs the steps, stores the outcome in the conversation, and has what was changed scanned
   * again. A step that fails is in the outcome, not thrown.
   * The signal cancels the steps that are left, and ends the scan; the outcome is stored all the same.
   *
   * @throws RequestError when nothing ran: `POLICY_DENIED`, `APPROVAL_REQUIRED`, `APPROVAL_INVALID`, `TARGET_MISMATCH`, `IDENTITY_UNKNOWN`, `JOURNAL_FAILED`, `AUDIT_FAILED`, `ABORTED`, as `preview`
   */
  async run(preview: Preview, options: RunOptions = {}): Promise<RunOutcome> {
    const { outcome } = await runPreview(this.#settings, preview, options);
    return outcome;
  }

  /**
   * From a message to its outcome: build, send, preview, run.
   *
   * @throws RequestError as these
   */
  async ask({ inputs, approve, signal, ...message }: AskInput): Promise<AskResult> {
    const abort = signal ? { signal } : {};
    const reply = await this.send(await this.build({ ...message, ...abort }), abort);
    if (reply.kind === 'clarification') return reply;
    const preview = await this.preview(reply.playbook, inputs ? { inputs } : {});
    const outcome = await this.run(preview, { approve: approve ?? null, ...abort });
    return { kind: 'outcome', preview, outcome };
  }

  #remember(request: PlaybookRequest): void {
    this.#sent.set(request.request_id, request);
    for (const id of this.#sent.keys()) {
      if (this.#sent.size <= REMEMBERED_REQUESTS) break;
      this.#sent.delete(id);
    }
  }
}
