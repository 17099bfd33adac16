import type { AskInput, BuildInput } from './ask-input.ts';
import { buildRequest } from './context/build-request.ts';
import { cleanOutgoing } from './context/outgoing.ts';
import { Conversation } from './conversation.ts';
import { RequestError } from './errors.ts';
import { resolveOptions, type BuilderSettings, type RequestBuilderOptions } from './options.ts';
import { followThrough, type AskResult } from './follow-through.ts';
import type { Inputs } from './playbook/inputs.ts';
import { approvePreview, type ApprovalGrant } from './policy/approve.ts';
import type { Approval } from './policy/approval.ts';
import { explainStep, makePreview, type Explanation } from './preview/make-preview.ts';
import type { Preview } from './preview/preview.ts';
import type { Capabilities } from './protocol/capabilities.ts';
import { contextDigest } from './protocol/digest.ts';
import type { Playbook } from './protocol/playbook.ts';
import type { PlaybookRequest, Repair } from './protocol/request.ts';
import type { Target } from './protocol/target.ts';
import { repairOf } from './repair/repair-of.ts';
import { RunMemory } from './repair/run-memory.ts';
import { parseRequest } from './request-input.ts';
import type { RunOutcome } from './run/outcome.ts';
import { dryRun, type DryRunReport } from './run/dry-run.ts';
import { messagesOfReply } from './run/record.ts';
import type { RunOptions } from './run/admit.ts';
import { runPreview } from './run/run-preview.ts';
import { abortedError } from './server/abort.ts';
import { exchange } from './server/exchange.ts';
import type { Reply } from './server/transport.ts';
import { storageErrors } from './storage-errors.ts';
import { CallerTarget } from './caller-target.ts';

/** Context in, playbook out, outcome stored: the way from a user's words to commands that have run. */
export class RequestBuilder {
  readonly #settings: BuilderSettings;
  readonly #memory = new RunMemory();
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
    return await this.#build({ message, conversation_id, signal: stop }, { target, repair: null });
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
    this.#memory.rememberRequest(request);
    await storageErrors(signal, () => storage.chat.appendMany(messagesOfReply(request, reply)));
    return reply;
  }

  /**
   * What the server can do, without sending anything of the user's; null where the transport cannot tell.
   *
   * @throws RequestError `PROTOCOL_UNSUPPORTED` where the server speaks other versions only, as the transport
   */
  async capabilities(options: { signal?: AbortSignal } = {}): Promise<Capabilities | null> {
    const signal = options.signal ?? new AbortController().signal;
    return (await this.#settings.transport.capabilities?.({ signal })) ?? null;
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
    const request = options.request ?? this.#memory.request(playbook.request_id);
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
      this.#memory.completedFor(request.request_id),
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
    const completed = this.#memory.completedFor(preview.request.request_id);
    const run = await runPreview(this.#settings, preview, options, completed);
    this.#memory.rememberRun({ ...run, completed });
    return run.outcome;
  }

  /**
   * Sends a failed run back to the server, which may answer with a playbook that mends it: what failed with masked output, and which steps were completed. Those are not run again, whatever the
   * answer says; what they put out is there for its other steps. The answer is previewed, approved and run like any other. At most two repairs follow one another.
   *
   * @param outcome of a run of this builder
   * @throws RequestError `REPAIR_REFUSED` with `details.reason`: `not_failed`, `attempts`, `same_failure` (the repair before failed in the same way), `unknown_run`; as `build` and `send`
   */
  async repair(outcome: RunOutcome, options: { signal?: AbortSignal } = {}): Promise<Reply> {
    const run = this.#memory.failedRun(outcome);
    const { message, conversation_id, target } = run.preview.request;
    const request = await this.#build(
      { message: message.text, conversation_id, ...options },
      { target, repair: repairOf(run) },
    );
    this.#memory.rememberRepair(request.request_id, run);
    return await this.send(request, options);
  }

  /**
   * From a message to its outcome: build, send, preview, run, and repair as often as is wanted.
   *
   * @throws RequestError as these; what keeps a repair from running is one of the outcome's warnings instead, since there is an outcome already
   */
  async ask(input: AskInput): Promise<AskResult> {
    const { inputs, approve, repairs = 0, signal, ...message } = input;
    const abort = signal ? { signal } : {};
    const reply = await this.send(await this.build({ ...message, ...abort }), abort);
    return await followThrough(this, reply, {
      inputs: inputs ?? {},
      approve: approve ?? null,
      repairs,
      ...abort,
    });
  }

  /**
   * A conversation with a user: `ask`, follow up, `answer` what the server wants to know.
   *
   * @param id of an earlier conversation, which then goes on, or a new one
   * @throws RequestError `INVALID_INPUT`
   */
  conversation(id: string): Conversation {
    return new Conversation(id, async (input) => await this.ask(input));
  }

  async #build(
    { message, conversation_id: conversationId, signal }: BuildInput,
    about: { target: Target; repair: Repair | null },
  ): Promise<PlaybookRequest> {
    const stop = signal ?? new AbortController().signal;
    const { storage, context } = this.#settings;
    const request = await storageErrors(stop, () =>
      buildRequest(storage, context, { message, conversationId, ...about, signal: stop }),
    );
    return parseRequest(request);
  }
}
