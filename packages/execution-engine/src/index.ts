export { ExecutionEngine } from './engine.ts';
export type {
  CloseOptions,
  FollowOptions,
  ListOptions,
  ResumeOptions,
  RunOptions,
  SubmitOptions,
  SubmitPlanOptions,
} from './call-options.ts';
export { Json } from './json.ts';
export { ExecutionError } from './errors.ts';
export type { CallErrorCode, ExecutionErrorCode, FailureCode } from './errors.ts';
export { Command } from './commands/command.ts';
export { commandArgv } from './commands/argv.ts';
export { ScriptCommand } from './commands/script.ts';
export { ExecCommand } from './commands/exec.ts';
export { ShellCommand } from './commands/shell.ts';
export { AwsCliCommand } from './commands/aws-cli.ts';
export type { AwsCliOptions } from './commands/invocation.ts';
export { ExecutionRequest, RetryPolicy } from './request.ts';
export { ExecutionResult, ExecutionStatus, Failure } from './result.ts';
export { ExecutionEvent, isTerminalEvent } from './events.ts';
export type { EventHandler } from './events.ts';
export { Plan, PlanStep, StepCommand, Strategy } from './plans/plan.ts';
export { planIssues } from './plans/check.ts';
export type { PlanIssue } from './plans/check.ts';
export { OutputSource } from './plans/outputs.ts';
export { Ref, isRef, refTarget, replaceRefs } from './plans/refs.ts';
export type { RefTarget } from './plans/refs.ts';
export { PlanResult, StepResult } from './plans/result.ts';
export { Rerun } from './plans/resume.ts';
export type { ExecutionSummary } from './history.ts';
export { optionsFromEnv } from './options-from-env.ts';
export { consoleHandler } from './handlers/console.ts';
export type { ConsoleHandlerOptions } from './handlers/console.ts';
export { ndjsonHandler } from './handlers/ndjson.ts';
export { sseHandler, sseMessage } from './handlers/sse.ts';
export { callbackHandler } from './handlers/callback.ts';
export type { EventCallbacks } from './handlers/callback.ts';
export { filterHandler } from './handlers/filter.ts';
export type { EngineMetrics, Metric, MetricListener } from './metrics.ts';
export type { RetentionPolicy } from './logs/retention.ts';
export type { EngineOptions, HandlerErrorListener, ProblemListener } from './options.ts';
export type { LogChunk, LogRange } from './logs/text.ts';
