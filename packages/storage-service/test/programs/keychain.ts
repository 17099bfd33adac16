/** Makes and opens a store with the keychain of the session, and reports: `keychain.ts STORE`. */
import { AsyncEntry } from '@napi-rs/keyring';
import { osKeychain, StorageError, StorageService } from 'cloudops-storage-service';

const [path = ''] = process.argv.slice(2);
const service = 'cloudops-test';

async function attempt(account: string): Promise<string> {
  try {
    const storage = await StorageService.open({
      backend: { kind: 'embedded', path },
      keys: osKeychain({ service, account }),
    });
    const id = '0b0e5f3c-6e0c-4b60-9d07-4b3f3f1b9d12';
    await storage.chat.append({ conversation_id: 'c', role: 'user', content: 'kept', id });
    const [message] = await storage.chat.recent('c');
    await storage.close();
    return message?.content ?? 'nothing';
  } catch (error) {
    return StorageError.is(error) ? error.code : String(error);
  }
}

const first = await attempt('a');
const reopened = await attempt('a');
const otherAccount = await attempt('b');
const entry = new AsyncEntry(service, 'a', { linux: { store: 'secret-service' } });
await entry.deleteCredential();
const deleted = await attempt('a');
const entryAfterwards = (await entry.getPassword()) ?? null;
process.stdout.write(JSON.stringify({ first, reopened, otherAccount, deleted, entryAfterwards }));
