import type { StorageBackend } from '../backends/backend.ts';
import { noEncryption } from '../encryption/key-source.ts';
import { StorageError } from '../errors.ts';
import { StorageService } from '../service.ts';
import { describeChat } from './chat-contract.ts';
import { describeConversations } from './conversations-contract.ts';
import { describeEstate } from './estate-contract.ts';
import { describeLifecycle } from './lifecycle-contract.ts';
import { describeRelations } from './relations-contract.ts';
import { describeFilters } from './filter-contract.ts';
import { describeSearch } from './search-contract.ts';

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
  /** The code with which a promise is rejected; 'resolved' when it is not. */
  codeOf: (promise: Promise<unknown>) => Promise<string>;
}

/** Describes what every backend does, in terms of `StorageService`; each test has a store of its own. */
export function describeStorageBackend(api: SuiteApi, backend: BackendUnderTest): void {
  const contract: Contract = {
    describe: api.describe,
    it: api.it,
    expect: api.expect,
    codeOf,
    withStorage: async (use) => {
      const storage = await StorageService.open({
        backend: await backend.open(),
        keys: noEncryption(),
      });
      try {
        await use(storage);
      } finally {
        await storage.close();
      }
    },
  };
  api.describe(`${backend.name} backend`, () => {
    describeChat(contract);
    describeConversations(contract);
    describeEstate(contract);
    describeLifecycle(contract);
    describeRelations(contract);
    describeFilters(contract);
    describeSearch(contract);
  });
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    return StorageError.is(error) ? error.code : String(error);
  }
}
