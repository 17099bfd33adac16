import type { StorageBackend } from '../backends/backend.ts';
import { StorageError } from '../errors.ts';
import type { StorageService } from '../service.ts';

/** What the suite asks of an assertion; that of vitest and jest has it. */
export interface Assertion {
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  toBeCloseTo(expected: number, digits?: number): void;
}

/** The functions of a test runner: those of vitest, jest, or of your own. */
export interface SuiteApi {
  describe: (name: string, body: () => void) => void;
  it: (name: string, body: () => Promise<void>) => void;
  expect: (actual: unknown) => Assertion;
}

/** A backend to be tested. */
export interface BackendUnderTest {
  name: string;
  /** A new, empty store; the suite closes it. */
  open(): Promise<StorageBackend>;
}

/** What each part of the suite works with. */
export interface Contract extends SuiteApi {
  /** Opens storage on a new store, runs, and closes. */
  withStorage: (use: (storage: StorageService) => Promise<void>) => Promise<void>;
  /** The same with the backend alone. */
  withBackend: (use: (backend: StorageBackend) => Promise<void>) => Promise<void>;
  /** The code with which a promise is rejected; 'resolved' when it is not. */
  codeOf: (promise: Promise<unknown>) => Promise<string>;
}

/** The code with which a promise is rejected; 'resolved' when it is not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    return StorageError.is(error) ? error.code : String(error);
  }
}
