import type { ExecutionEngine } from 'cloudops-execution-engine';
import type { EstateScanner, ScanReport } from 'cloudops-estate-scanner';
import type { StorageService } from 'cloudops-storage-service';

/** What the builder needs of storage; a `StorageService` is one. */
export interface BuilderStorage {
  chat: Pick<StorageService['chat'], 'appendMany' | 'recent'>;
  estate: Pick<StorageService['estate'], 'search' | 'facets' | 'get' | 'list'>;
}

/** What the builder needs of the engine; an `ExecutionEngine` is one. */
export type BuilderEngine = Pick<
  ExecutionEngine,
  'run' | 'executePlan' | 'events' | 'getPlanResult' | 'registerSecret'
>;

/** What the builder needs of the scanner; an `EstateScanner` is one. */
export interface BuilderScanner {
  refresh(...input: Parameters<EstateScanner['refresh']>): Promise<Pick<ScanReport, 'errors'>>;
}
