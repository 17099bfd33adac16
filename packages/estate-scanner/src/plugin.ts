/**
 * What a service scanner needs, and nothing that is heavy to load: `cloudops-estate-scanner/plugin`.
 */
export { defineServiceScanner } from './service-scanner.ts';
export { AwsCallError } from './aws/errors.ts';
export { ScanError } from './errors.ts';
export { isoTime } from './iso-time.ts';
export { OncePerSession } from './once-per-session.ts';
export { tagMap } from './scanners/tag-list.ts';
export type {
  ScanContext,
  ServiceScanner,
  ServiceScannerDefinition,
  TypeActions,
} from './service-scanner.ts';
export type {
  DeclaredCall,
  DeclaredRelation,
  DeclaredResource,
  DeclaredServiceScanner,
  DeclaredStep,
} from './declarative/declaration.ts';
export type { AwsErrorKind } from './aws/errors.ts';
export type { JsonObject, ListCall } from './aws/pages.ts';
export type { DiscoveredRelation, DiscoveredResource, Json } from './resource.ts';
