export {
  describeStorageBackend,
  type Assertion,
  type BackendUnderTest,
  type SuiteApi,
} from './suite.ts';
export type { StorageBackend } from '../backends/backend.ts';
