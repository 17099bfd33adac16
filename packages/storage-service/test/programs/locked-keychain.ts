/** Opens a store, locks the keychain of the session, tries to open stores, and reports: `locked-keychain.ts STORE`. */
import { execFileSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { osKeychain, StorageError, StorageService } from 'cloudops-storage-service';

const [path = ''] = process.argv.slice(2);
const login = '/org/freedesktop/secrets/collection/login';

function lock(): void {
  const secrets = ['--dest=org.freedesktop.secrets', '/org/freedesktop/secrets'];
  const method = 'org.freedesktop.Secret.Service.Lock';
  execFileSync('dbus-send', [
    '--session',
    '--print-reply',
    ...secrets,
    method,
    `array:objpath:${login}`,
  ]);
}

async function open(file: string): Promise<{ code: string | null; message: string }> {
  try {
    await using storage = await StorageService.open({
      backend: { kind: 'embedded', path: file },
      keys: osKeychain({ service: 'cloudops-test', timeoutMs: 1500 }),
    });
    const id = '0b0e5f3c-6e0c-4b60-9d07-4b3f3f1b9d12';
    await storage.chat.append({ conversation_id: 'c', role: 'user', content: 'kept', id });
    const [message] = await storage.chat.recent('c');
    return { code: null, message: message?.content ?? 'nothing' };
  } catch (error) {
    if (!StorageError.is(error)) throw error;
    return { code: error.code, message: error.message };
  }
}

const unlocked = await open(path);
lock();
const start = performance.now();
const reopened = await open(path);
// An empty store would get a key, in place of the one that is there, if "locked" were taken for "absent".
const otherStore = await open(`${path}.other`);
const isBounded = performance.now() - start < 5500;
writeSync(1, JSON.stringify({ unlocked, reopened, otherStore, isBounded }));
// A prompt that stays open keeps the process from ending.
process.kill(process.pid, 'SIGKILL');
