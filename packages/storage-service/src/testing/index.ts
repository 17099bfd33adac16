export { describeStorageBackend, type SuiteApi, type BackendUnderTest } from './suite.ts';
