export { RequestBuilder } from './builder.ts';
export type { AskInput, BuildInput } from './ask-input.ts';
export { Conversation, type Answers, type ConversationOptions } from './conversation.ts';
export type { AskResult } from './follow-through.ts';
export type { BuilderSettings, RequestBuilderOptions } from './options.ts';
export { optionsFromEnv, type EnvironmentOptions } from './environment.ts';
export type { BuilderEngine, BuilderScanner, BuilderStorage } from './ports.ts';
export type { BuilderEvent, BuilderEventHandler, HandlerErrorListener } from './events.ts';
export { RequestError, RequestErrorCode, type Finding } from './errors.ts';

export { httpTransport, type HttpTransport } from './server/http-transport.ts';
export type { HttpFetch } from './server/http-fetch.ts';
export type { HttpTransportOptions } from './server/http-options.ts';
export type { TokenOption } from './server/token-source.ts';
export { inProcessTransport } from './server/in-process-transport.ts';
export type { Reply, SendOptions, Transport, TransportEvent } from './server/transport.ts';

export { Preview, ResourcePreview, StepPreview } from './preview/preview.ts';
export type { Explanation } from './preview/make-preview.ts';
export type { RuleExplanation } from './policy/decide.ts';
export type { Inputs } from './playbook/inputs.ts';
export { validatePlaybook } from './playbook/validate.ts';
export { defaultPolicy, parsePolicy, Policy, PolicyRule, readPolicy } from './policy/policy.ts';
export { classifyCommand } from './risk/classify.ts';
export type { Classification } from './risk/classes.ts';
export { Approval } from './policy/approval.ts';
export type { RunOptions } from './run/admit.ts';
export {
  readOnlyApprover,
  terminalApprover,
  type ApprovalQuestion,
  type Approver,
} from './policy/approvers.ts';
export { DryRunReport, DryRunStep } from './run/dry-run.ts';
export type { ApprovalGrant } from './policy/approve.ts';
export { RunOutcome, RunStatus, StepOutcome } from './run/outcome.ts';

export { verifyAudit, type AuditVerification } from './audit/verify.ts';
export type { ChainFault } from './audit/chain.ts';
export { AuditEntry, AuditRecord } from './audit/entry.ts';

export type { Json } from './protocol/json.ts';
export type { CustomRedaction } from './context/custom-redaction.ts';
export { redactText } from './context/redact.ts';
export { estimatingCounter, type TokenCounter } from './context/tokens.ts';
export { publishedSchemas } from './schemas.ts';
