import type { StorageBackend } from '../backends/backend.ts';

/** What is handed to the suite. */
export interface BackendUnderTest {
  name: string;
  open(): Promise<StorageBackend>;
}
/** The functions of a test runner. */
export interface SuiteApi {
  describe(name: string, body: () => void): void;
}
/** Describes a backend. */
export function describeStorageBackend(_api: SuiteApi, _backend: BackendUnderTest): void {}
