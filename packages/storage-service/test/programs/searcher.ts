/** Searches a store and ends without closing it: `searcher.ts STORE`. */
import { noEncryption, StorageService } from 'cloudops-storage-service';

const [path = ''] = process.argv.slice(2);
const storage = await StorageService.open({
  backend: { kind: 'embedded', path },
  keys: noEncryption(),
});
for (let index = 0; index < 3; index += 1) {
  const found = await storage.estate.search({ text: 'instance' });
  if (found.length === 0) throw new Error('Nothing was found.');
}
