export { Capabilities, CAPABILITIES_PATH, speaksVersion1 } from './protocol/capabilities.ts';
export { Clarification } from './protocol/clarification.ts';
export { PlaybookCommand } from './protocol/command.ts';
export { canonicalJson, contextDigest, documentDigest, playbookDigest } from './protocol/digest.ts';
export { Playbook, PlaybookParameter, PlaybookStrategy } from './protocol/playbook.ts';
export type { Json } from './protocol/json.ts';
export {
  PLAYBOOK_MEDIA_TYPE,
  PLAYBOOKS_PATH,
  playbookPath,
  PROBLEM_MEDIA_TYPE,
  type Planner,
  type PlanOptions,
} from './protocol/planner.ts';
export { openApiDocument } from './protocol/openapi.ts';
export { Problem } from './protocol/problem.ts';
export {
  Constraints,
  ContextResource,
  HistoryMessage,
  PlaybookRequest,
  PROTOCOL_VERSION,
  Repair,
} from './protocol/request.ts';
export { RiskClass } from './protocol/risk.ts';
export { EVENT_STREAM_MEDIA_TYPE, PlanProgress, StreamEvent } from './protocol/stream-event.ts';
export { PlaybookRollback, PlaybookStep } from './protocol/step.ts';
export { Target } from './protocol/target.ts';
export { resourceIdOf, resourceKeyOf } from './protocol/resource-names.ts';
