import type { ExecutionEngine } from 'cloudops-execution-engine';
import type { EstateScanner } from 'cloudops-estate-scanner';
import type { StorageService } from 'cloudops-storage-service';

/** What the builder needs of storage; a `StorageService` is one. */
export interface BuilderStorage {
  chat: Pick<StorageService['chat'], 'appendMany' | 'recent'>;
  estate: Pick<StorageService['estate'], 'search' | 'facets'>;
}

/** What the builder needs of the engine; an `ExecutionEngine` is one. */
export type BuilderEngine = Pick<
  ExecutionEngine,
  'run' | 'executePlan' | 'events' | 'getPlanResult' | 'registerSecret'
>;

/** What the builder needs of the scanner; an `EstateScanner` is one. */
export type BuilderScanner = Pick<EstateScanner, 'refresh'>;
