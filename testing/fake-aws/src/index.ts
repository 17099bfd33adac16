export { FakeAwsError, type FakeAwsErrorCode } from './errors.ts';
export type { FaultHandle, Faults } from './faults/faults.ts';
export type { FaultEffect, FaultRule, FaultScope } from './faults/rule.ts';
export type { SimulationShape } from './iam/simulate.ts';
export type { FakeAwsOptions } from './options.ts';
export type { EstateSummary, SeedOptions } from './seed/estate.ts';
export { type FakeAws, startFakeAws } from './start.ts';
export { type AwsTools, type ToolOptions, ensureAwsTools } from './tools/tools.ts';
export { type CliOperation, cliOperations } from './tools/cli-operations.ts';
