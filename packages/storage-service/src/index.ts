export { StorageService } from './service.ts';
export {
  optionsFromEnv,
  type BackupOptions,
  type EmbeddedBackendConfig,
  type StorageOptions,
} from './options.ts';
export type {
  QdrantCommonConfig,
  QdrantConfig,
  QdrantServerConfig,
  QdrantSpawnConfig,
} from './backends/qdrant/config.ts';
export { StorageError, type StorageErrorCode, type StorageErrorDetails } from './errors.ts';
export type { ChatCollection, RecentOptions } from './chat.ts';
export type { ChatListOptions, ChatPage, ConversationPage } from './chat-listing.ts';
export { ChatMessage, ChatMessageInput, ChatRole } from './chat-message.ts';
export type { EstateCollection } from './estate.ts';
export type { EstateUpsertItem, EstateUpsertResult } from './estate-upsert.ts';
export type { HistoryEntry } from './estate-history.ts';
export type { FieldChange } from './record-difference.ts';
export type { MarkGoneOptions, MarkMissingOptions } from './estate-missing.ts';
export type { RelatedOptions, RelatedResource } from './estate-relations.ts';
export type { EstateListOptions, EstatePage } from './estate-listing.ts';
export {
  EstateEmbedding,
  EstatePermissions,
  EstateRecord,
  EstateRecordInput,
  EstateRelation,
} from './estate-record.ts';
export type {
  EstateSearchOptions,
  EstateSearchResult,
  SearchExplanation,
  SearchMode,
} from './estate-search.ts';
export { Filter, type Condition } from './filter/filter.ts';
export { parseFilter } from './filter/parse.ts';
export { matchesFilter } from './filter/evaluate.ts';
export type { IntegrityOptions, IntegrityReport } from './integrity.ts';
export type { StorageHealth } from './health.ts';
export type { ImportOptions } from './portable/import.ts';
export { ExportLine, type PortableCounts } from './portable/lines.ts';
export type { BackupCollection, BackupInfo, BackupResult, BackupStatus } from './backup/backups.ts';
export type { BackupRunOptions } from './backup/run-options.ts';
export type { RestorableStorage } from './backup/restore.ts';
export type { BackupScheduleStatus } from './backup/scheduler.ts';
export type { RetentionPolicy } from './backup/retention.ts';
export type { BackupTarget, FolderTargetConfig, S3TargetConfig } from './backup/target.ts';
export { estateKey, pointId } from './identity.ts';
export type { Embedder } from './embedder.ts';
export type { Json } from './json.ts';
export { envKey } from './encryption/env-key.ts';
export { fileKey } from './encryption/file-key.ts';
export { osKeychain, type OsKeychainOptions } from './encryption/os-keychain.ts';
export { recoveryKey } from './encryption/recovery.ts';
export type { RotateKeyOptions, RotateKeyResult } from './encryption/rotation.ts';
export { noEncryption, type KeySource, type NoEncryption } from './encryption/key-source.ts';
export type {
  AppendResult,
  BackendMaintenance,
  BackendStats,
  ChatBackend,
  ClearRecord,
  Conversation,
  ConversationPlace,
  ConversationQuery,
  DocumentStore,
  EstateBackend,
  EstateOrder,
  EstateOrderField,
  MessagePlace,
  MessageQuery,
  NewMessage,
  RankedKey,
  RankedWords,
  ResourceDigest,
  ResourceSighting,
  ResourceWrite,
  SealedCollection,
  SealedItem,
  SealedStore,
  StorageBackend,
  StoredHistory,
  StoredMessage,
  StoredResource,
} from './backends/backend.ts';
export { gramsOf, keywordQuery, type KeywordQuery } from './keyword-query.ts';
export { isNamed, scoreKeywords, type WordCounts } from './keyword-score.ts';
export { respelled } from './spelling.ts';
export { formsOf } from './word-forms.ts';
export { publishedSchemas } from './schemas.ts';
