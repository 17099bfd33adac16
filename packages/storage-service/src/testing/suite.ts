import { noEncryption } from '../encryption/key-source.ts';
import { StorageService } from '../service.ts';
import { describeChat } from './chat-contract.ts';
import { codeOf, type BackendUnderTest, type Contract, type SuiteApi } from './contract.ts';
import { describeConversations } from './conversations-contract.ts';
import { describeEstate } from './estate-contract.ts';
import { describeLifecycle } from './lifecycle-contract.ts';
import { describeListing } from './listing-contract.ts';
import { describePort } from './port-contract.ts';
import { describeRelations } from './relations-contract.ts';
import { describeFilters } from './filter-contract.ts';
import { describeSearch } from './search-contract.ts';
import { describeTogether } from './together-contract.ts';

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
    withBackend: async (use) => {
      const opened = await backend.open();
      try {
        await use(opened);
      } finally {
        await opened.close();
      }
    },
  };
  api.describe(`${backend.name} backend`, () => {
    describeChat(contract);
    describeConversations(contract);
    describeEstate(contract);
    describeListing(contract);
    describeLifecycle(contract);
    describeRelations(contract);
    describeFilters(contract);
    describeSearch(contract);
    describeTogether(contract);
    describePort(contract);
  });
}
