export { awsEnvironment, type AwsEnvironment } from './aws-environment.ts';
export { CliError } from './cli-error.ts';
export { EXIT, type ExitCode } from './exit-codes.ts';
export { failureOf, type Failure } from './failure.ts';
export { listenForInterrupt, type Interrupt } from './interrupt.ts';
export { createScreen, safe, silentScreen, type Screen } from './terminal/screen.ts';
export { writeTable, type Column } from './terminal/table.ts';
export { showOutcome } from './views/outcome.ts';
export { showPreview } from './views/preview.ts';
export {
  countByTypeAndRegion,
  showResourceTable,
  type ResourceCounts,
} from './views/resource-table.ts';
export { RunProgress } from './views/run-progress.ts';
export { ScanProgress } from './views/scan-progress.ts';
export { seconds, showScanErrors, showScanSummary } from './views/scan-summary.ts';
export { allowedText, showSearchResults } from './views/search-results.ts';
export { showStateChanges, type StateChange } from './views/states.ts';
