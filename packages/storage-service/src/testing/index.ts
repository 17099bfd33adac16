export type { Assertion, BackendUnderTest, SuiteApi } from './contract.ts';
export { describeStorageBackend } from './suite.ts';
export type { StorageBackend } from '../backends/backend.ts';
