import { callerIdentity } from './identity.ts';
import { buildRequest } from './context/build-request.ts';
import { cleanOutgoing } from './context/outgoing.ts';
import { regionsOf } from './context/gather.ts';
import { findingsOf, RequestError } from './errors.ts';
import { resolveOptions, type BuilderSettings, type RequestBuilderOptions } from './options.ts';
import type { Inputs } from './playbook/inputs.ts';
import { grantApproval, type Approval } from './policy/approval.ts';
import { explainStep, makePreview, type Explanation } from './preview/make-preview.ts';
import type { Preview } from './preview/preview.ts';
import type { Clarification } from './protocol/clarification.ts';
import { contextDigest, playbookDigest } from './protocol/digest.ts';
import type { Playbook } from './protocol/playbook.ts';
import { PlaybookRequest } from './protocol/request.ts';
import type { Target } from './protocol/target.ts';
import type { RunOutcome } from './run/outcome.ts';
import { messagesOfReply } from './run/record.ts';
import { runPreview, type Approver, type RunOptions } from './run/run-preview.ts';
import { abortedError } from './server/abort.ts';
import { parseReply } from './server/reply.ts';
import type { Reply } from './server/transport.ts';

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

/** How long the caller's identity is taken for granted when a request is built; before a run it is always asked. */
const IDENTITY_TTL_MS = 300_000;
/** Requests whose answers may still be previewed by playbook alone. */
const REMEMBERED_REQUESTS = 100;

/** Context in, playbook out, outcome stored: the way from a user's words to commands that have run. */
export class RequestBuilder {
  readonly #settings: BuilderSettings;
  readonly #sent = new Map<string, PlaybookRequest>();
  #target: { value: Promise<Target>; until: number } | null = null;

  /** @throws RequestError `INVALID_OPTIONS`, `POLICY_INVALID` */
  constructor(options: RequestBuilderOptions) {
    this.#settings = resolveOptions(options);
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
    const target = this.#settings.target ?? (await this.#callersTarget(stop));
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
    const reply = await this.#exchange(request, idempotencyKey, signal);
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
   * Consents to one run of what a preview shows. Whoever can call this can approve: it belongs behind a question to a person.
   *
   * @param options.by who approves, in the host's own terms
   * @param options.steps default: all
   * @param options.expiresInMs default 900,000; never beyond the playbook's own expiry
   */
  approve(
    preview: Preview,
    options: { by: string; steps?: readonly string[]; expiresInMs?: number },
  ): Approval {
    const now = new Date();
    const expiry = Math.min(
      now.getTime() + (options.expiresInMs ?? 900_000),
      Date.parse(preview.expires_at),
    );
    const { playbook_digest, inputs_digest, account_id } = preview;
    const subject = { playbook_digest, inputs_digest, account_id };
    return grantApproval(this.#settings.approvalKey, subject, {
      steps: [...(options.steps ?? preview.steps.map(({ id }) => id))],
      rollbacks: [],
      approvedBy: options.by,
      expiresAt: new Date(expiry),
      now,
    });
  }

  /**
   * Runs a playbook that was previewed: checks everything again, asks AWS who the caller is, runs the steps, stores the outcome in the conversation, and has what was changed scanned
   * again. A step that fails is in the outcome, not thrown.
   *
   * @throws RequestError when nothing ran: `POLICY_DENIED`, `APPROVAL_REQUIRED`, `APPROVAL_INVALID`, `TARGET_MISMATCH`, `IDENTITY_UNKNOWN`, `JOURNAL_FAILED`, `AUDIT_FAILED`, `ABORTED`, as `preview`
   */
  async run(preview: Preview, options: RunOptions = {}): Promise<RunOutcome> {
    return await runPreview(this.#settings, preview, options);
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

  /** Sends and checks, with an entry in the audit log before and after. */
  async #exchange(
    request: PlaybookRequest,
    idempotencyKey: string,
    signal: AbortSignal,
  ): Promise<Reply> {
    const { audit, transport, onEvent } = this.#settings;
    const { request_id } = request;
    await audit?.append({
      type: 'request_sent',
      request_id,
      request_digest: contextDigest(request),
      idempotency_key: idempotencyKey,
    });
    try {
      const document = await transport.send(request, {
        idempotencyKey,
        signal,
        onEvent: (event) => onEvent({ ...event, request_id }),
      });
      const reply = parseReply(document, request, new Date());
      await audit?.append({
        type: 'reply_received',
        request_id,
        kind: reply.kind,
        playbook_digest: reply.kind === 'playbook' ? playbookDigest(reply.playbook) : null,
      });
      return reply;
    } catch (error) {
      const code = RequestError.is(error) ? error.code : 'UNEXPECTED';
      await audit?.append({ type: 'request_failed', request_id, code });
      throw error;
    }
  }

  /** The engine's own account, and the regions where the estate has resources. */
  async #callersTarget(signal: AbortSignal): Promise<Target> {
    if (this.#target === null || this.#target.until < Date.now()) {
      const value = this.#askTarget();
      this.#target = { value, until: Date.now() + IDENTITY_TTL_MS };
      value.catch(() => {
        this.#target = null;
      });
    }
    if (signal.aborted) throw abortedError(signal);
    return await this.#target.value;
  }

  async #askTarget(): Promise<Target> {
    const identity = await callerIdentity(this.#settings.engine);
    return { ...identity, regions: await regionsOf(this.#settings.storage, identity.account_id) };
  }

  #remember(request: PlaybookRequest): void {
    this.#sent.set(request.request_id, request);
    for (const id of this.#sent.keys()) {
      if (this.#sent.size <= REMEMBERED_REQUESTS) break;
      this.#sent.delete(id);
    }
  }
}

function parseRequest(input: PlaybookRequest): PlaybookRequest {
  const parsed = PlaybookRequest.safeParse(input);
  if (parsed.success) return parsed.data;
  const findings = findingsOf(parsed.error);
  const list = findings.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ');
  throw new RequestError('INVALID_INPUT', `the request does not validate: ${list}`, {
    details: { errors: findings.map(({ pointer, message }) => ({ pointer, message })) },
  });
}

/** Storage has errors of its own; whoever asks a builder gets the builder's. */
async function storageErrors<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (RequestError.is(error)) throw error;
    if (signal.aborted) throw abortedError(signal);
    const message = error instanceof Error ? error.message : String(error);
    throw new RequestError('STORAGE_FAILED', `storage failed: ${message}`, { cause: error });
  }
}
