export { createServer, type PlaybookServer, type PlaybookServerOptions } from './server.ts';
export type { IdempotencyOptions } from './idempotency.ts';
export { RulePlanner, type RulePlannerOptions } from './planner/rule-planner.ts';
