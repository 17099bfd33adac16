export { EstateScanner } from './scanner.ts';
export type { WatchOutcome } from './scan/watch-scans.ts';
export type { Account, AccountReference, Organization } from './account.ts';
export { ScanJob, ScanPlan } from './jobs/job.ts';
export { mergeReports } from './jobs/merge-reports.ts';
export { Checkpoint, type CheckpointStore } from './checkpoint/checkpoint.ts';
export { fileCheckpoints } from './checkpoint/file-checkpoints.ts';
export { optionsFromEnv } from './options-from-env.ts';
export type {
  Concurrency,
  EstateScannerOptions,
  JobOptions,
  RefreshOptions,
  ScanOptions,
  ScanSelection,
  WatchOptions,
} from './options.ts';
export { ServiceScannerRegistry } from './registry.ts';
export {
  defineServiceScanner,
  type ScanContext,
  type ServiceScanner,
  type ServiceScannerDefinition,
  type TypeActions,
} from './service-scanner.ts';
export {
  leastPrivilegePolicy,
  type PolicyDocument,
  type PolicyOptions,
} from './least-privilege.ts';
export type {
  DeclaredCall,
  DeclaredRelation,
  DeclaredResource,
  DeclaredServiceScanner,
  DeclaredStep,
} from './declarative/declaration.ts';
export {
  DiscoveredRelation,
  DiscoveredResource,
  EmbeddingMark,
  Permissions,
  Relation,
  Resource,
  resourceKey,
} from './resource.ts';
export type { Json } from './resource.ts';
export {
  AccountReport,
  ReportedDifferences,
  ReportedError,
  ScanReport,
  Scope,
  ScopeReport,
  ScopeStatus,
} from './report.ts';
export { ScanEvent, type ScanEventHandler } from './events.ts';
export { ScanError, type ScanErrorCode, type ScanErrorOptions } from './errors.ts';
export { AwsCallError, type AwsErrorKind } from './aws/errors.ts';
export { UserContext } from './aws/identity.ts';
export type { AwsCredentials, CredentialProvider } from './aws/credentials.ts';
export type { RetryPolicy } from './aws/retry.ts';
export type { IamCredentials, IamOptions } from './iam/options.ts';
export type { CacheEntry, Decisions, PermissionCache } from './iam/cache.ts';
export { FilePermissionCache } from './iam/file-cache.ts';
export type {
  CommandRunner,
  Embedder,
  EstateItem,
  EstateStore,
  MissingScope,
  PermissionRequest,
  PermissionSource,
  StoredResource,
  UpsertResult,
} from './ports.ts';
export { publishedSchemas } from './schemas.ts';
